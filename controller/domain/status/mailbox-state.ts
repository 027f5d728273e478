import type { PlanMailbox } from '../../api/plan.ts';
import type { Reason } from '../../api/reasons.ts';
import type { LaneState } from '../ports/lane-ledger.ts';
import type { QuotaUsage, Stop } from '../ports/quota-ledger.ts';
import { windowState } from '../window.ts';

/** What a mailbox does now, in one word, and why. */
export interface MailboxState {
  readonly reason: Reason;
  readonly message: string;
  /** When that ends, ledger's clock; undefined = at once, not by time, or unknown. */
  readonly untilMs?: number;
}

const STOP_REASONS: Readonly<Record<Stop['kind'], Reason>> = {
  WindowReset: 'QuotaExceededAtProvider',
  CredentialChanges: 'CredentialsInvalid',
  Human: 'PolicyBlocked',
  DnsVerified: 'SenderUnauthenticated',
};

/** The strongest word first: the declaration, a stop, the window, the quota, then what its lane says. */
export function mailboxState(
  mailbox: PlanMailbox,
  usage: QuotaUsage | undefined,
  lane: LaneState | undefined,
  nowMs: number,
): MailboxState {
  if (mailbox.suspended) return { reason: 'Suspended', message: 'spec.suspend is true' };
  if (mailbox.blocked) return mailbox.blocked;
  if (usage?.stop) return stopped(usage.stop);
  const window = mailbox.sendingWindow && windowState(mailbox.sendingWindow, Math.floor(nowMs));
  if (window && !window.isOpen) return withEnd('WindowClosed', 'outside its sending window', window.opensMs);
  if (usage && usage.used >= usage.cap) return withEnd('QuotaExhausted', '', usage.nextSlotMs);
  if (lane && (lane.untilMs === undefined || lane.untilMs > nowMs)) {
    return withEnd(lane.reason, lane.reason === 'Connected' ? '' : lane.message, lane.untilMs);
  }
  return { reason: 'Connected', message: '' };
}

function stopped(stop: Stop): MailboxState {
  return withEnd(STOP_REASONS[stop.kind], stop.text, stop.untilMs);
}

function withEnd(reason: Reason, message: string, untilMs: number | undefined): MailboxState {
  return untilMs === undefined ? { reason, message } : { reason, message, untilMs };
}
