import type { WireTransaction } from '../api/wire-log.ts';
import type { Reply } from './reply.ts';
import { foldReply, isRefusal } from './reply.ts';
import type { WireRecord } from './wire-log-file.ts';

type Answered = Pick<WireTransaction, 'command' | 'reply'>;

interface OpenTransaction {
  readonly timeMs: number;
  readonly from: string;
  readonly rcpts: string[];
  readonly acceptedRcpts: string[];
  /** False until MAIL FROM was answered with 250. */
  isBegun: boolean;
  isAccepted: boolean;
  isRepeated: boolean;
  size: number;
  messageId: string;
  lastRefusal: Answered | undefined;
}

/** What every line of one connection has in common, and where the lines go. */
export interface RecorderContext {
  readonly service: WireTransaction['service'];
  readonly peer: string;
  readonly now: () => number;
  readonly append: (record: WireRecord) => void;
}

const NO_REPLY: Answered = { command: 'DISCONNECT', reply: '' };

/** Follows the commands and replies of one connection and makes one wire log line of every transaction. */
export class TransactionRecorder {
  /** The account as the client named it last; empty before AUTH. */
  account = '';
  readonly #context: RecorderContext;
  #open: OpenTransaction | undefined;
  #isAwaitingReply = false;
  #loginAtMs = 0;

  constructor(context: RecorderContext) {
    this.#context = context;
  }

  /** Recipients accepted so far in the transaction under way. */
  get acceptedRcpts(): readonly string[] {
    return this.#open?.acceptedRcpts ?? [];
  }

  /** Envelope sender of the transaction under way; empty for none or for the null sender. */
  get from(): string {
    return this.#open?.from ?? '';
  }

  /** A command came in; `address` is that of MAIL FROM or RCPT TO, as it was written. */
  commandReceived(command: string, address: string): void {
    this.#isAwaitingReply = true;
    if (command === 'AUTH') this.#loginAtMs = this.#context.now();
    if (command === 'MAIL') this.#open ??= openTransaction(this.#context.now(), address);
    if (command === 'RCPT') this.#open?.rcpts.push(address);
  }

  /** Part of the message, or all of it, has arrived. */
  messageReceived(size: number, messageId: string): void {
    if (this.#open === undefined) return;
    this.#open.size = size;
    this.#open.messageId = messageId;
  }

  /** The service took responsibility for the message, whether or not the client will read the 250. */
  messageAccepted(): void {
    if (this.#open !== undefined) this.#open.isAccepted = true;
  }

  /** The service knows the message by its key and takes nothing. */
  messageRepeated(): void {
    if (this.#open !== undefined) this.#open.isRepeated = true;
  }

  /** A reply is about to be written; a line that it completes is appended before the client can read it. */
  replying(command: string, reply: Reply): void {
    const wasAwaited = this.#isAwaitingReply;
    this.#isAwaitingReply = command === 'DATA' && !isRefusal(reply);
    if (command === 'AUTH' && isRefusal(reply)) this.#appendLogin(reply);
    if (this.#open === undefined) return;
    const answered = {
      command: wasAwaited ? wireCommand(command) : 'DISCONNECT',
      reply: foldReply(reply),
    } as const;
    if (isRefusal(reply)) this.#refused(answered, this.#open, reply.code);
    else this.#consented(answered, this.#open);
  }

  /** The transaction is over although its last reply alone does not say so, e.g. after a refused DATA. */
  transactionAborted(): void {
    if (this.#open?.lastRefusal !== undefined) this.#end(this.#open.lastRefusal, this.#open);
  }

  /** The connection is gone, whoever cut it. */
  closed(): void {
    if (this.#open === undefined) return;
    this.#end(this.#isAwaitingReply ? NO_REPLY : abandoned(NO_REPLY, this.#open), this.#open);
  }

  #refused(answered: Answered, open: OpenTransaction, code: number): void {
    if (isTelling(answered, open)) open.lastRefusal = answered;
    const isOver = code === 421 || answered.command === 'DOT' || !open.isBegun;
    if (isOver) this.#end(answered, open);
  }

  #consented(answered: Answered, open: OpenTransaction): void {
    switch (answered.command) {
      case 'MAIL':
        open.isBegun = true;
        return;
      case 'RCPT':
        open.acceptedRcpts.push(open.rcpts.at(-1) ?? '');
        return;
      case 'DOT':
        this.#end(answered, open);
        return;
      case 'RSET':
      case 'QUIT':
        this.#end(abandoned(answered, open), open);
        return;
      default:
        return;
    }
  }

  #end(answered: Answered, open: OpenTransaction): void {
    this.#open = undefined;
    const { timeMs, from, rcpts, acceptedRcpts, size, messageId, isAccepted, isRepeated } = open;
    this.#append({
      kind: 'Transaction',
      timeMs,
      from,
      rcpts,
      acceptedRcpts,
      size,
      messageId,
      accepted: isAccepted,
      ...(isRepeated && { repeated: true as const }),
      ...answered,
    });
  }

  #appendLogin(reply: Reply): void {
    this.#append({
      kind: 'Login',
      timeMs: this.#loginAtMs,
      from: '',
      rcpts: [],
      acceptedRcpts: [],
      size: 0,
      messageId: '',
      accepted: false,
      command: 'AUTH',
      reply: foldReply(reply),
    });
  }

  #append(line: Omit<WireRecord, 'service' | 'account' | 'peer' | 'endMs'>): void {
    const { service, peer, now, append } = this.#context;
    const { timeMs, kind, ...rest } = line;
    append({ timeMs, endMs: now(), kind, service, account: this.account, peer, ...rest });
  }
}

function openTransaction(timeMs: number, from: string): OpenTransaction {
  return {
    timeMs,
    from,
    rcpts: [],
    acceptedRcpts: [],
    isBegun: false,
    isAccepted: false,
    isRepeated: false,
    size: 0,
    messageId: '',
    lastRefusal: undefined,
  };
}

/** A DATA pipelined behind refused recipients is refused for their sake: it tells less than they do. */
function isTelling({ command }: Answered, { acceptedRcpts, lastRefusal }: OpenTransaction): boolean {
  if (command === 'DATA') return acceptedRcpts.length > 0 || lastRefusal === undefined;
  return command !== 'DISCONNECT';
}

/** A transaction given up after every recipient was refused is told by that refusal: it is why the client gave up. */
function abandoned(answered: Answered, { acceptedRcpts, lastRefusal }: OpenTransaction): Answered {
  return acceptedRcpts.length === 0 && lastRefusal !== undefined ? lastRefusal : answered;
}

/** The command as the wire log names it; DISCONNECT for one that is no part of mail (only a 421 to it matters). */
function wireCommand(command: string): WireTransaction['command'] {
  switch (command) {
    case 'AUTH':
    case 'MAIL':
    case 'RCPT':
    case 'DATA':
    case 'DOT':
    case 'QUIT':
      return command;
    // All four forget the transaction: RFC 5321 §4.1.4, RFC 3207 §4.2.
    case 'RSET':
    case 'EHLO':
    case 'HELO':
    case 'STARTTLS':
      return 'RSET';
    default:
      return 'DISCONNECT';
  }
}
