import type { LimitChanges, SandboxLimits } from '../api/sandbox-config.ts';
import type { Refund } from './rolling-window.ts';
import { RollingWindow } from './rolling-window.ts';

const DAY_SECONDS = 86_400;

/**
 * Google Workspace: 2,000 messages a day and 100 recipients per message by SMTP (support.google.com/a/answer/166852),
 * 25 MB. Google publishes neither a login rate nor a burst rate; logins were seen to be refused after 78 quick ones
 * (gophish#1836), so 80 in five minutes pass here, and bursts are practically unlimited unless configured.
 * It answers to DATA: senders report `DATA command failed: 550 5.4.5` (PHPMailer#1370).
 */
export const googleLimits: SandboxLimits = {
  recipients: { max: 2000, windowSeconds: DAY_SECONDS, refuseAt: 'Data' },
  messages: { max: 1_000_000, windowSeconds: 60 },
  logins: { max: 80, windowSeconds: 300 },
  recipientsPerMessage: 100,
  messageBytes: 26_214_400,
};

/** An ESP account out of its test phase: far above what a demo sends; 40 MB as Amazon SES. */
export const relayLimits: SandboxLimits = {
  recipients: { max: 1_000_000, windowSeconds: DAY_SECONDS, refuseAt: 'Data' },
  messages: { max: 1_000_000, windowSeconds: 1 },
  logins: { max: 100_000, windowSeconds: 60 },
  recipientsPerMessage: 50,
  messageBytes: 41_943_040,
};

/** Lays changes over limits; what a change leaves out stays. */
export function changeLimits(limits: SandboxLimits, changes: LimitChanges): SandboxLimits {
  return {
    recipients: { ...limits.recipients, ...defined(changes.recipients) },
    messages: { ...limits.messages, ...defined(changes.messages) },
    logins: { ...limits.logins, ...defined(changes.logins) },
    recipientsPerMessage: changes.recipientsPerMessage ?? limits.recipientsPerMessage,
    messageBytes: changes.messageBytes ?? limits.messageBytes,
  };
}

/** What one account has used, measured against its limits. */
export class AccountUsage {
  #limits: SandboxLimits;
  readonly #recipients = new RollingWindow();
  readonly #messages = new RollingWindow();
  readonly #logins = new RollingWindow();

  constructor(limits: SandboxLimits) {
    this.#limits = limits;
  }

  get limits(): SandboxLimits {
    return this.#limits;
  }

  /** Changes limits from now on; what was used stays counted. */
  change(changes: LimitChanges): void {
    this.#limits = changeLimits(this.#limits, changes);
  }

  /** Forgets what was used; the limits stay. */
  reset(): void {
    this.#recipients.clear();
    this.#messages.clear();
    this.#logins.clear();
  }

  /** Counts a login if there is room for it. */
  admitLogin(nowMs: number): boolean {
    return admit(this.#logins, this.#limits.logins, nowMs);
  }

  /** Counts the begin of a message if there is room for it. */
  admitMessage(nowMs: number): boolean {
    return admit(this.#messages, this.#limits.messages, nowMs);
  }

  /** True when so many recipients fit into the window. */
  hasRoomFor(recipients: number, nowMs: number): boolean {
    const { max, windowSeconds } = this.#limits.recipients;
    return this.#recipients.total(nowMs, windowSeconds * 1000) + recipients <= max;
  }

  /** Counts recipients of a message that is about to be accepted; call the refund if it is not. */
  takeRecipients(recipients: number, nowMs: number): Refund {
    return this.#recipients.add(nowMs, recipients);
  }
}

function admit(window: RollingWindow, limit: { max: number; windowSeconds: number }, nowMs: number): boolean {
  if (window.total(nowMs, limit.windowSeconds * 1000) >= limit.max) return false;
  window.add(nowMs, 1);
  return true;
}

function defined<T extends object>(changes: T | undefined): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(changes ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
