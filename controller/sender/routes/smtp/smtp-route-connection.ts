import { Readable } from 'node:stream';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { OutgoingMessage, Reply, RouteConnection } from '../../../domain/ports/route.ts';
import { parseReply, replyOfSendError } from './smtp-reply.ts';

/** How long QUIT may take before the socket is cut, milliseconds. */
const QUIT_TIMEOUT_MS = 2_000;

/** An authenticated SMTP session: one message at a time, reused after a refusal (RSET), closed after any silence. */
export class SmtpRouteConnection implements RouteConnection {
  readonly #connection: SMTPConnection;
  readonly #maxMessages: number;
  #sent = 0;
  #isOpen = true;

  constructor(connection: SMTPConnection, maxMessages: number) {
    this.#connection = connection;
    this.#maxMessages = maxMessages;
    const markClosed = (): void => {
      this.#isOpen = false;
    };
    connection.on('error', markClosed);
    connection.on('end', markClosed);
  }

  get isUsable(): boolean {
    return this.#isOpen && this.#sent < this.#maxMessages;
  }

  async send(message: OutgoingMessage): Promise<Reply> {
    this.#sent += 1;
    const reply = await this.#transmit(message);
    if (reply.kind === 'NoReply' || (reply.kind === 'Refused' && reply.code === 421)) this.#isOpen = false;
    if (reply.kind === 'Refused' && this.#isOpen) await this.#reset();
    return reply;
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return this.#connection.close();
    this.#isOpen = false;
    await new Promise<void>((resolve) => {
      const cut = setTimeout(() => this.#connection.close(), QUIT_TIMEOUT_MS);
      this.#connection.once('end', () => {
        clearTimeout(cut);
        resolve();
      });
      this.#connection.quit();
    });
  }

  #transmit(message: OutgoingMessage): Promise<Reply> {
    let isDataWritten = false;
    const body = new Readable({
      read() {
        isDataWritten = true;
        this.push(message.raw);
        this.push(null);
      },
    });
    const envelope = { from: message.envelopeFrom, to: [message.recipient], size: message.raw.length };
    return new Promise((resolve) => {
      this.#connection.send(envelope, body, (error, info) => {
        if (error) return resolve(replyOfSendError(error, isDataWritten));
        const { code, enhancedCode, text } = parseReply(info.response ?? '');
        resolve({ kind: 'Accepted', code, enhancedCode, text });
      });
    });
  }

  /** A refused transaction leaves state behind on some servers; RSET costs one round trip, a new connection costs a login. */
  #reset(): Promise<void> {
    return new Promise((resolve) => {
      this.#connection.reset((error) => {
        if (error) this.#isOpen = false;
        resolve();
      });
    });
  }
}
