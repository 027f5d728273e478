import { ImapFlow } from 'imapflow';
import type { PlanMailbox } from '../../../api/plan.ts';
import type { SentMail, SentMailAnswer } from '../../../domain/ports/evidence.ts';
import type { Credentials } from '../../../domain/ports/route.ts';
import { TrustedAuthorities } from '../../trusted-authorities.ts';
import { resolveImapLogin, type ImapLogin } from './imap-login.ts';
import { findMessages, isSearchProven, sentFolders } from './sent-folders.ts';

/** Time limits of one look, milliseconds. Nothing waits for it, so they are short. */
export interface ImapTimeouts {
  /** DNS, TCP and TLS; then the greeting. */
  readonly connectMs: number;
  /** Silence on an open connection. */
  readonly socketMs: number;
  /** The whole look. */
  readonly lookMs: number;
}

export const DEFAULT_IMAP_TIMEOUTS: ImapTimeouts = {
  connectMs: 15_000,
  socketMs: 30_000,
  lookMs: 60_000,
};

/** The sent mail of mailboxes of one namespace, by IMAP. TLS from the first byte, verified always. */
export class ImapSentMail implements SentMail {
  readonly #authorities = new TrustedAuthorities();
  readonly #options: {
    readonly namespace: string;
    readonly credentials: Credentials;
    readonly timeouts: ImapTimeouts;
  };

  constructor(options: {
    readonly namespace: string;
    readonly credentials: Credentials;
    readonly timeouts: ImapTimeouts;
  }) {
    this.#options = options;
  }

  async search(
    mailbox: PlanMailbox,
    messageIds: readonly string[],
    signal: AbortSignal,
  ): Promise<SentMailAnswer> {
    const { namespace, credentials, timeouts } = this.#options;
    if (!mailbox.imap) return { kind: 'Refused', message: `${mailbox.route} has no IMAP service` };
    const ending = AbortSignal.any([signal, AbortSignal.timeout(timeouts.lookMs)]);
    try {
      const answer = await resolveImapLogin(mailbox.auth, namespace, credentials);
      if (!answer.ok) return { kind: 'Refused', message: answer.message };
      const client = await this.#client(mailbox, mailbox.imap, answer.login);
      return await look(client, messageIds, ending);
    } catch (error) {
      const message = `IMAP of ${mailbox.route}: ${textOf(error)}`;
      return { kind: isRefusedLogin(error) ? 'Refused' : 'Unreachable', message };
    }
  }

  async #client(
    mailbox: PlanMailbox,
    { host, port }: NonNullable<PlanMailbox['imap']>,
    login: ImapLogin,
  ): Promise<ImapFlow> {
    const { timeouts } = this.#options;
    const ca = await this.#authority(mailbox);
    return new ImapFlow({
      host,
      port,
      secure: true,
      auth: login,
      logger: false,
      disableAutoIdle: true,
      clientInfo: { name: 'mailers' },
      connectionTimeout: timeouts.connectMs,
      greetingTimeout: timeouts.connectMs,
      socketTimeout: timeouts.socketMs,
      tls: this.#authorities.tls(ca),
    });
  }

  /** Whoever runs a submission service with a certificate authority of his own runs the IMAP service with it too. */
  async #authority({ endpoint }: PlanMailbox): Promise<string | undefined> {
    const { namespace, credentials } = this.#options;
    return endpoint.ca && (await credentials.read(namespace, endpoint.ca.name))?.[endpoint.ca.key];
  }
}

async function look(
  client: ImapFlow,
  messageIds: readonly string[],
  ending: AbortSignal,
): Promise<SentMailAnswer> {
  const close = (): void => client.close();
  // What breaks the connection also rejects the call in progress; without a listener it would end the process.
  client.on('error', close);
  ending.addEventListener('abort', close, { once: true });
  try {
    if (ending.aborted) throw new Error('stopped before the look began');
    await client.connect();
    return await searchFolders(client, messageIds);
  } finally {
    ending.removeEventListener('abort', close);
    await client.logout().catch(close);
    client.close();
  }
}

async function searchFolders(client: ImapFlow, messageIds: readonly string[]): Promise<SentMailAnswer> {
  const { folders, sent } = sentFolders(await client.list());
  const found = new Set<string>();
  let isComplete = sent !== undefined;
  for (const folder of folders) {
    const missing = messageIds.filter((id) => !found.has(id));
    if (missing.length === 0) break;
    await client.mailboxOpen(folder, { readOnly: true });
    const answer = await findMessages(client, missing);
    for (const id of answer.found) found.add(id);
    if (!answer.isAnswered) isComplete = false;
    if (folder === sent && !(await isSearchProven(client, missing))) isComplete = false;
  }
  return { kind: 'Searched', found, isComplete };
}

function isRefusedLogin(error: unknown): boolean {
  return error instanceof Error && 'authenticationFailed' in error && error.authenticationFailed === true;
}

/** The server's own words where there are some. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = 'responseText' in error ? error.responseText : undefined;
  return typeof words === 'string' ? `${error.message}: ${words}` : error.message;
}
