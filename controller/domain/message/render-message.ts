import type { Plan } from '../../api/plan.ts';
import { parseAddress } from '../address/parse-address.ts';
import type { AudienceRow } from '../ports/audience-ledger.ts';
import { idempotencyKey } from '../repeat.ts';
import {
  TemplateError,
  type MessageTemplate,
  type TemplateCache,
  type Variables,
} from './compiled-template.ts';
import { withFooter } from './footer.ts';
import { listFields } from './list-header.ts';
import { headerField, headerMailbox, headerText, oneLine } from './mime-header.ts';
import { mimeMessage } from './mime-message.ts';

/** All that a message is made of. The same request gives the same bytes. */
export interface RenderRequest {
  readonly template: MessageTemplate;
  readonly row: Pick<AudienceRow, 'address' | 'variables'>;
  readonly purpose: Plan['purpose'];
  readonly pool: { readonly namespace: string; readonly name: string };
  /** Empty when the pool has none. */
  readonly postalAddress: string;
  /** https URL with the signed token. */
  readonly unsubscribeUrl?: string | undefined;
  /** Address for unsubscribing by mail. */
  readonly unsubscribeMailto?: string | undefined;
  readonly sender: { readonly address: string; readonly displayName: string };
  readonly replyTo?: string | undefined;
  /** Without angle brackets; stable over retries. */
  readonly messageId: string;
  /** Of the Date field, milliseconds since the epoch. */
  readonly dateMs: number;
  /** Header field for the message's idempotency key, where the route has one. */
  readonly idempotencyHeader?: string | undefined;
}

export interface RenderedMessage {
  /** RFC 5322 message, ASCII, CRLF lines. */
  readonly raw: Buffer;
  readonly subject: string;
  readonly text: string;
  readonly html: string | undefined;
}

export interface RenderProblem {
  /** Why this row cannot be mailed, for people. */
  readonly problem: string;
}

class Unrenderable extends Error {}

/**
 * Renders the message of one row. A missing value without a default is the problem of that row, named by the variable. A Marketing message
 * always carries one-click unsubscribe and shows link and postal address: what the template leaves out is added as a footer. Values cannot
 * begin header fields: a line end in one becomes a space. Never throws for what the request holds.
 */
export function renderMessage(
  request: RenderRequest,
  templates: TemplateCache,
): RenderedMessage | RenderProblem {
  try {
    return render(request, templates);
  } catch (error) {
    if (error instanceof TemplateError)
      return { problem: `Template ${request.template.name}, ${error.part}: ${error.message}` };
    if (error instanceof Unrenderable) return { problem: error.message };
    throw error;
  }
}

function render(request: RenderRequest, templates: TemplateCache): RenderedMessage {
  const marketing = request.purpose === 'Marketing' ? marketingNeeds(request) : undefined;
  const rendered = templates.get(request.template).render(variablesOf(request));
  const parts = marketing ? withFooter(rendered, marketing) : rendered;
  const subject = oneLine(parts.subject);
  if (subject === '') throw new Unrenderable(`Template ${request.template.name}: the subject is empty`);
  const fields = [
    headerField(
      'From',
      headerMailbox(request.sender.displayName, wireAddress(request.sender.address, 'From')),
    ),
    headerField('To', wireAddress(request.row.address, 'To')),
    ...(request.replyTo === undefined
      ? []
      : [headerField('Reply-To', wireAddress(request.replyTo, 'Reply-To'))]),
    headerField('Subject', headerText(subject)),
    headerField('Message-ID', `<${request.messageId}>`),
    headerField('Date', new Date(request.dateMs).toUTCString().replace('GMT', '+0000')),
    ...(request.idempotencyHeader === undefined
      ? []
      : [headerField(request.idempotencyHeader, idempotencyKey(request.messageId))]),
    ...(marketing ? marketingFields(request, marketing.unsubscribeUrl) : []),
  ];
  const { text, html } = parts;
  return { raw: mimeMessage({ fields, text, html, name: request.messageId }), subject, text, html };
}

/** Later ones win: what is always there cannot be taken over by a column. */
function variablesOf(request: RenderRequest): Variables {
  const { template, row, unsubscribeUrl, postalAddress } = request;
  const defaults = template.variables.flatMap(({ name, default: value }) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(defaults),
    ...row.variables,
    email: row.address,
    ...(unsubscribeUrl === undefined ? {} : { unsubscribeUrl }),
    ...(postalAddress === '' ? {} : { postalAddress }),
  };
}

function marketingNeeds(request: RenderRequest): { unsubscribeUrl: string; postalAddress: string } {
  const { unsubscribeUrl, postalAddress } = request;
  if (unsubscribeUrl === undefined || !/^https:\/\/[!-;=?-~]+$/.test(unsubscribeUrl))
    throw new Unrenderable(
      'a Marketing message needs an https unsubscribe URL: set unsubscribe of the SendingPool',
    );
  if (postalAddress.trim() === '')
    throw new Unrenderable(
      'a Marketing message needs a postal address: set postalAddress of the SendingPool',
    );
  return { unsubscribeUrl, postalAddress };
}

function marketingFields(request: RenderRequest, unsubscribeUrl: string): readonly string[] {
  const mailto = request.unsubscribeMailto;
  const fields = listFields({
    namespace: request.pool.namespace,
    pool: request.pool.name,
    domain: request.messageId.slice(request.messageId.lastIndexOf('@') + 1),
    unsubscribeUrl,
    unsubscribeMailto: mailto === undefined ? undefined : wireAddress(mailto, 'unsubscribe.mailto'),
  });
  if ('problem' in fields) throw new Unrenderable(fields.problem);
  return fields;
}

/** An address as it stands in a header: with an A-label domain. */
function wireAddress(text: string, where: string): string {
  const parsed = parseAddress(text);
  if ('problem' in parsed) throw new Unrenderable(`${where}: ${JSON.stringify(text)} ${parsed.problem}`);
  if (!parsed.isAscii)
    throw new Unrenderable(`${where}: ${JSON.stringify(text)} has letters beyond ASCII before the @`);
  return parsed.address;
}
