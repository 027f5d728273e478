import type { RecipientRule } from '../api/sandbox-config.ts';
import type { Account, AccountDirectory, Credentials } from './account.ts';
import { findAccount } from './account.ts';
import type { Fault } from './fault.ts';
import type { FaultSwitch } from './fault-switch.ts';
import { KEY_OF_ANOTHER_MESSAGE, type KeyAnswer } from './idempotency-keys.ts';
import { MessageReader } from './message-reader.ts';
import type { MessageStore } from './message-store.ts';
import type { Personality } from './personality.ts';
import type { RecipientScript } from './recipient-script.ts';
import type { Reply } from './reply.ts';
import { verbatimReply } from './reply.ts';
import type { Refund } from './rolling-window.ts';
import type { Stage, Verdict } from './rule-verdict.ts';
import { ACCEPT, refuse, ruleVerdict } from './rule-verdict.ts';
import { TransactionRecorder } from './transaction-recorder.ts';
import type { WireRecord } from './wire-log-file.ts';

/** What all connections of one service share. */
export interface ServiceContext {
  readonly personality: Personality;
  readonly accounts: AccountDirectory;
  readonly script: RecipientScript;
  readonly faults: FaultSwitch;
  readonly messages: MessageStore;
  readonly now: () => number;
  readonly append: (record: WireRecord) => void;
}

/** Decides about the commands of one connection; knows nothing of sockets. */
export class MailSession {
  readonly recorder: TransactionRecorder;
  readonly #context: ServiceContext;
  #account: Account | undefined;
  #pendingRule: RecipientRule | undefined;
  #refund: Refund | undefined;
  #reader: MessageReader;

  constructor(context: ServiceContext, peer: string) {
    this.#context = context;
    this.#reader = new MessageReader(context.messages.isOn);
    const append = (record: WireRecord) => {
      if (record.kind === 'Transaction') this.#transactionEnded(record.accepted);
      context.append(record);
    };
    this.recorder = new TransactionRecorder({
      service: context.personality.service,
      peer,
      now: context.now,
      append,
    });
  }

  /** The fault that shows to this connection now. */
  activeFault(): Fault | undefined {
    return this.#context.faults.active(this.#context.personality.service, this.recorder.account);
  }

  /** The connection itself, before the greeting. */
  connect(): Verdict {
    const refusal = this.#faultReply('Connect');
    return refusal === undefined ? ACCEPT : refuse(refusal);
  }

  /** Checks a login; returns the refusal, or undefined when the client is who it says. */
  login(name: string, credentials: Credentials): Reply | undefined {
    const { refusals } = this.#context.personality;
    const refusal = this.#faultReply('Auth');
    if (refusal !== undefined) return refusal;
    const account = findAccount(this.#context.accounts, name);
    if (account === undefined) return refusals.badCredentials;
    if (!account.usage.admitLogin(this.#context.now())) return refusals.tooManyLogins;
    if (this.activeFault()?.kind === 'RefuseLogins' || !account.isProvenBy(credentials))
      return refusals.badCredentials;
    this.#account = account;
    this.recorder.account = account.name;
    return undefined;
  }

  mailFrom(sender: string): Verdict {
    const { personality, script, now } = this.#context;
    const account = this.#provenAccount();
    const refusal = this.#faultReply('Mail');
    if (refusal !== undefined) return refuse(refusal);
    if (!account.maySendAs(sender)) return refuse(personality.refusals.foreignSender);
    const isFull = account.usage.limits.recipients.refuseAt === 'Mail' && !account.usage.hasRoomFor(1, now());
    if (isFull) return refuse(personality.refusals.recipientLimit);
    const rule = script.next({ service: personality.service, sender, recipient: undefined });
    if (rule !== undefined) return this.#follow(rule, 'Mail');
    return account.usage.admitMessage(now()) ? ACCEPT : refuse(personality.refusals.messageRate);
  }

  rcptTo(recipient: string): Verdict {
    const { personality, script, now } = this.#context;
    const { usage } = this.#provenAccount();
    const refusal = this.#faultReply('Rcpt');
    if (refusal !== undefined) return refuse(refusal);
    const recipients = this.recorder.acceptedRcpts.length + 1;
    if (recipients > usage.limits.recipientsPerMessage) return refuse(personality.refusals.tooManyRecipients);
    const isFull = usage.limits.recipients.refuseAt === 'Rcpt' && !usage.hasRoomFor(recipients, now());
    if (isFull) return refuse(personality.refusals.recipientLimit);
    const rule = script.next({ service: personality.service, sender: this.recorder.from, recipient });
    return this.#follow(rule, 'Rcpt');
  }

  /** DATA, before the client is told to go ahead. */
  data(): Verdict {
    const { personality, messages, now } = this.#context;
    const { usage } = this.#provenAccount();
    const refusal = this.#faultReply('Data');
    if (refusal !== undefined) return refuse(refusal);
    const recipients = this.recorder.acceptedRcpts.length;
    if (!usage.hasRoomFor(recipients, now())) return refuse(personality.refusals.recipientLimit);
    const verdict = this.#follow(this.#pendingRule, 'Data');
    if (verdict.kind !== 'Accept') return verdict;
    this.#refund = usage.takeRecipients(recipients, now());
    this.#reader = new MessageReader(messages.isOn);
    return verdict;
  }

  /** A piece of the message; false when the connection is to be cut in the middle of it. */
  chunk(chunk: Buffer): boolean {
    this.#reader.push(chunk);
    return this.#follow(this.#pendingRule, 'Message').kind !== 'Disconnect';
  }

  /** The message is complete. `queueId` names it in the 250. */
  dot(queueId: string): Verdict {
    const { personality } = this.#context;
    this.#noteMessage();
    const refusal = this.#faultReply('Dot');
    if (refusal !== undefined) return refuse(refusal);
    if (this.#reader.size > this.#provenAccount().usage.limits.messageBytes)
      return refuse(personality.refusals.messageTooBig);
    const verdict = this.#follow(this.#pendingRule, 'Dot');
    const isLost = this.#pendingRule?.behaviour === 'DisconnectAfterDot' && !this.#pendingRule.accepted;
    if (verdict.kind === 'Refuse' || isLost) return verdict;
    const known = this.#askKey();
    if (known === 'Other') return refuse(KEY_OF_ANOTHER_MESSAGE);
    if (known === 'Same') {
      this.recorder.messageRepeated();
    } else {
      this.recorder.messageAccepted();
      this.#context.messages.keep(this.#reader.messageId(), this.#reader.text);
    }
    return verdict.kind === 'Accept'
      ? { ...verdict, reply: personality.consents.accepted(queueId) }
      : verdict;
  }

  /** What the account's service knows of the message's idempotency key; remembers a new one. */
  #askKey(): KeyAnswer {
    const keys = this.#provenAccount().idempotencyKeys;
    const key = keys && this.#reader.header(keys.header);
    if (!keys || !key) return 'New';
    const [digest, nowMs] = [this.#reader.digest(), this.#context.now()];
    const answer = keys.ask(key, digest, nowMs);
    if (answer === 'New') keys.remember(key, digest, nowMs);
    return answer;
  }

  /** The connection is gone, or the sandbox is about to cut it. */
  closed(): void {
    if (this.#refund !== undefined) this.#noteMessage();
    this.recorder.closed();
  }

  /** Of several recipients with something in store for DATA or the dot, the first one decides. */
  #follow(rule: RecipientRule | undefined, stage: Stage): Verdict {
    if (rule === undefined) return ACCEPT;
    const verdict = ruleVerdict(rule, stage, this.#context.personality.refusals);
    if (verdict === undefined) this.#pendingRule ??= rule;
    return verdict ?? ACCEPT;
  }

  #faultReply(stage: Stage): Reply | undefined {
    const fault = this.activeFault();
    return fault?.kind === 'Reply' && fault.at === stage ? verbatimReply(fault.reply) : undefined;
  }

  #provenAccount(): Account {
    if (this.#account === undefined)
      throw new Error('A mail command was let through before AUTH: check the SMTP library.');
    return this.#account;
  }

  #noteMessage(): void {
    this.recorder.messageReceived(this.#reader.size, this.#reader.messageId());
  }

  #transactionEnded(isAccepted: boolean): void {
    if (!isAccepted) this.#refund?.();
    this.#refund = undefined;
    this.#pendingRule = undefined;
  }
}
