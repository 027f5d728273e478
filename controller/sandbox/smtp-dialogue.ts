import type { Socket } from 'node:net';
import type {
  SMTPServer,
  SMTPServerAuthentication,
  SMTPServerAuthenticationResponse,
  SMTPServerDataStream,
} from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import type { ServiceContext } from './mail-session.ts';
import { MailSession } from './mail-session.ts';
import { wordReply } from './protocol-wording.ts';
import type { Reply } from './reply.ts';
import { foldReply } from './reply.ts';
import type { Verdict } from './rule-verdict.ts';
import { refuse } from './rule-verdict.ts';

type ConnectionOptions = ConstructorParameters<typeof SMTPConnection>[2];
type ParsedAddress = ReturnType<SMTPConnection['_parseAddressCommand']>;
type AnswerLogin = (error: Error | null, response?: SMTPServerAuthenticationResponse) => void;
/** Goes on with a command: without a refusal it is accepted. */
type Proceed = (refusal?: Error) => void;

/** MAIL or RCPT in three parts; a local part in quotes may hold spaces, `@` and `>`, which the library does not expect. */
const ADDRESS = /^((?:MAIL FROM|RCPT TO):\s*)<("(?:[^"\\]|\\.)*"@[^<>\s]+|[^<>]*)>(.*)$/is;

/** What Google puts into the 334 before it refuses a token (developers.google.com/gmail/imap/xoauth2-protocol). */
const XOAUTH2_FAILURE = { status: '400', schemes: 'Bearer', scope: 'https://mail.google.com/' };

/**
 * One connection, seen whole: every command and every reply of the library's dialogue passes through here, so that
 * replies are in the provider's words, faults and delays take hold, and the recorder misses nothing.
 */
export class SmtpDialogue extends SMTPConnection {
  readonly #mail: MailSession;
  readonly #context: ServiceContext;
  readonly #gone = Promise.withResolvers<void>();
  #isGone = false;
  /** The command that is being answered; `DOT` from the 354 on. */
  #command = '';
  /** What the next reply says, whatever the library would say. */
  #nextReply: Reply | undefined;

  constructor(server: SMTPServer, socket: Socket, options: ConnectionOptions, context: ServiceContext) {
    super(server, socket, options);
    this.#context = context;
    this.#mail = new MailSession(context, `${this.remoteAddress}:${this.remotePort}`);
  }

  /** The account as the client named it, empty before AUTH. */
  get account(): string {
    return this.#mail.recorder.account;
  }

  /** The library waits 100 ms for clients that talk too early; the sandbox does not, its clients connect often. */
  override init(): void {
    this._setListeners(() => this.connectionReady());
  }

  /** Cuts the connection without a reply. */
  cut(): void {
    this.#isGone = true;
    this._socket.destroy();
  }

  /** Records what is under way, then cuts the connection. */
  shutDown(): void {
    this.#mail.closed();
    this.cut();
  }

  /** A client has connected and has not been greeted yet. */
  greet(proceed: Proceed): void {
    this.#throughFaults(() => this.#decide(this.#mail.connect(), proceed));
  }

  /** AUTH, all lines of it. */
  login(auth: SMTPServerAuthentication, answer: AnswerLogin): void {
    const name = auth.username ?? '';
    this.#mail.recorder.account = name;
    this.#throughFaults(() => {
      const refusal = this.#mail.login(name, {
        password: auth.password ?? undefined,
        accessToken: auth.accessToken,
      });
      if (refusal === undefined) {
        answer(null, { user: this.account });
      } else if (auth.method === 'XOAUTH2' && refusal === this.#context.personality.refusals.badCredentials) {
        answer(null, { data: XOAUTH2_FAILURE });
      } else {
        this.#decide(refuse(refusal), (error) => answer(error ?? null));
      }
    });
  }

  /** Answered in a later turn: the library loses a message that is pipelined behind another one if nothing waits. */
  mailFrom(address: string, proceed: Proceed): void {
    setImmediate(() => {
      if (!this.#isGone) this.#decide(this.#mail.mailFrom(address), proceed);
    });
  }

  rcptTo(address: string, proceed: Proceed): void {
    this.#decide(this.#mail.rcptTo(address), proceed);
  }

  /** DATA: the library always says 354, so a refusal has to come before it is asked. */
  override handler_DATA(command: Buffer, callback: () => void): void {
    if (this.session.envelope.rcptTo.length === 0) {
      super.handler_DATA(command, callback);
      return;
    }
    this.#decide(this.#mail.data(), (refusal) => {
      if (refusal === undefined) {
        super.handler_DATA(command, callback);
        return;
      }
      this.send(554);
      this._resetSession();
      this.#mail.recorder.transactionAborted();
      callback();
    });
  }

  /** The message, from the 354 to the dot. */
  receive(stream: SMTPServerDataStream, proceed: Proceed): void {
    stream.on('data', (chunk: Buffer) => {
      if (!this.#mail.chunk(chunk)) this.cut();
    });
    // The client left in the middle of the message: the wire log line of the transaction says so.
    stream.on('error', () => this.cut());
    stream.on('end', () => {
      if (this.#isGone) return;
      this.#throughFaults(() =>
        this.#decide(this.#mail.dot(`${this.id}-${this.session.transaction}`), proceed),
      );
    });
  }

  override _onCommand(command: Buffer, callback?: () => void): void {
    // What was pipelined behind the command at which the connection was cut.
    if (this.#isGone) return;
    const line = command.toString();
    // A line that continues AUTH is not a command of its own.
    if (this._nextHandler === false) {
      this.#command = line.split(' ', 1).join('').toUpperCase();
      this.#mail.recorder.commandReceived(this.#command, ADDRESS.exec(line)?.[2] ?? '');
    }
    this.#throughFaults(() => super._onCommand(command, callback));
  }

  override send(code: number, data?: string | string[] | null): void {
    const text = [data ?? ''].flat();
    const said = { command: this.#command, code, text: text.join(' '), isSecure: this.secure };
    const reply = this.#nextReply ?? wordReply(said, this.#context.personality) ?? { code, lines: text };
    this.#nextReply = undefined;
    if (!this.#isGone) this.#mail.recorder.replying(this.#command, reply);
    if (reply.code === 354) this.#command = 'DOT';
    super.send(reply.code, [...reply.lines], false);
  }

  /** Addresses stay as they were written: no decoded domains, and quoted local parts are taken. */
  override _parseAddressCommand(name: string, command: Buffer | string): ParsedAddress {
    const [, begin = '', address = '', rest = ''] = ADDRESS.exec(command.toString()) ?? [];
    if (address === '') return super._parseAddressCommand(name, command);
    const domain = address.slice(address.lastIndexOf('@') + 1);
    const parsable = address.startsWith('"') ? `quoted@${domain}` : address;
    const parsed = super._parseAddressCommand(name, `${begin}<${parsable}>${rest}`);
    return parsed === false ? false : { ...parsed, address };
  }

  override _onClose(): void {
    this.#isGone = true;
    this.#mail.closed();
    this.#gone.resolve();
    super._onClose();
  }

  /** Runs a step unless a fault of the service or the account stands in the way; a hang only puts it off. */
  #throughFaults(step: () => void): void {
    const fault = this.#mail.activeFault();
    if (fault?.kind === 'DropConnections') {
      this.cut();
    } else if (fault?.kind === 'Hang') {
      void this.#outlast(step);
    } else {
      step();
    }
  }

  async #outlast(step: () => void): Promise<void> {
    await Promise.race([this.#context.faults.changed(), this.#gone.promise]);
    if (!this.#isGone) this.#throughFaults(step);
  }

  #decide(verdict: Verdict, proceed: Proceed): void {
    switch (verdict.kind) {
      case 'Disconnect':
        this.cut();
        return;
      case 'Refuse':
        this.#nextReply = verdict.reply;
        proceed(new Error(foldReply(verdict.reply)));
        return;
      case 'Accept':
        this.#after(verdict.delayMs ?? 0, () => {
          this.#nextReply = verdict.reply;
          proceed();
        });
    }
  }

  /** Goes on after a delay, unless the connection is gone by then. */
  #after(delayMs: number, step: () => void): void {
    if (delayMs === 0) {
      step();
      return;
    }
    const timer = setTimeout(step, delayMs);
    void this.#gone.promise.then(() => clearTimeout(timer));
  }
}
