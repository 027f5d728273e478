import { TemplateCache } from '../../controller/domain/message/compiled-template.ts';
import {
  renderMessage,
  type RenderedMessage,
  type RenderRequest,
} from '../../controller/domain/message/render-message.ts';
import { parseMime, type MimeMessage } from './mime.ts';

type Template = RenderRequest['template'];

/** A template that greets by first_name. */
export function aMessageTemplate(overrides: Partial<Template> = {}): Template {
  return {
    name: 'welcome',
    subject: 'Hello {{ first_name }}',
    text: 'Dear {{ first_name }},\nwelcome.\n',
    variables: [{ name: 'first_name' }],
    ...overrides,
  };
}

/** A transactional message to Anna. */
export function aRenderRequest(overrides: Partial<RenderRequest> = {}): RenderRequest {
  return {
    template: aMessageTemplate(),
    row: { address: 'anna@example.net', variables: { first_name: 'Anna' } },
    purpose: 'Transactional',
    pool: { namespace: 'default', name: 'news' },
    postalAddress: '',
    sender: { address: 'bob@corp.example', displayName: 'Bob' },
    messageId: '0123456789abcdef@corp.example',
    dateMs: Date.UTC(2026, 10, 24, 9, 30, 5),
    ...overrides,
  };
}

/** A marketing message to Anna, with all that it needs. */
export function aMarketingRequest(overrides: Partial<RenderRequest> = {}): RenderRequest {
  return aRenderRequest({
    purpose: 'Marketing',
    postalAddress: 'Corp & Sons\n1 Example Street',
    unsubscribeUrl: 'https://u.corp.example/u/token',
    ...overrides,
  });
}

/** The rendered message and its parsed form; throws when the request has a problem. */
export function rendered(
  request: RenderRequest,
  templates = new TemplateCache(),
): RenderedMessage & { readonly mime: MimeMessage } {
  const message = renderMessage(request, templates);
  if ('problem' in message) throw new Error(message.problem);
  return { ...message, mime: parseMime(message.raw) };
}

/** Why the request cannot be rendered; empty when it can. */
export function problemOf(request: RenderRequest): string {
  const message = renderMessage(request, new TemplateCache());
  return 'problem' in message ? message.problem : '';
}
