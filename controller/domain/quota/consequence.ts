import type { MailboxConsequence } from '../../api/policy-document.ts';
import type { AccountConsequence, ConsequentReply, Stop } from '../ports/quota-ledger.ts';
import { dayOf, stateAt, windowOf, type QuotaState } from './quota-state.ts';
import { rampMoment } from './room.ts';
import { freedAtMs } from './rolling-window.ts';
import { heldFor } from './warmup-ramp.ts';

const STOP_KINDS = {
  untilWindowReset: 'WindowReset',
  untilCredentialChanges: 'CredentialChanges',
  untilDnsVerified: 'DnsVerified',
  untilHuman: 'Human',
} as const satisfies Record<NonNullable<MailboxConsequence['stop']>, Stop['kind']>;

/** From the lightest to the gravest. */
const GRAVITY: readonly Stop['kind'][] = ['WindowReset', 'CredentialChanges', 'DnsVerified', 'Human'];

/** Applies hold, throttle, flag and stop of a reply, in this order. The stop in force afterwards is in the state. */
export function applyConsequence(
  before: QuotaState,
  consequence: AccountConsequence,
  reply: ConsequentReply,
  nowMs: number,
): QuotaState {
  const held = holdRamp(stateAt(before, nowMs), consequence, reply);
  const throttled = throttle(held, consequence, reply);
  const flagged = flag(throttled, consequence, reply);
  if (consequence.stop === undefined) return flagged;
  return consequence.stop === 'untilWindowReset'
    ? stopUntilWindowReset(flagged, reply)
    : halt(flagged, { kind: STOP_KINDS[consequence.stop], text: reply.text });
}

/**
 * Lifts the stop if it is of one of the kinds, and forgets what led to it: the learned limit, or the flags with their counters,
 * so that the next such reply is the first again.
 */
export function resume(before: QuotaState, kinds: readonly Stop['kind'][], nowMs: number): QuotaState {
  const { stop, ...running } = stateAt(before, nowMs);
  if (stop === undefined) return running;
  if (!kinds.includes(stop.kind)) return { ...running, stop };
  if (stop.kind !== 'WindowReset') return { ...running, flags: {} };
  const { learned: _forgotten, ...unlearned } = running;
  return unlearned;
}

function holdRamp(state: QuotaState, consequence: AccountConsequence, reply: ConsequentReply): QuotaState {
  if (consequence.holdsWarmup !== true || reply.warmup === undefined) return state;
  return { ...state, rampHold: heldFor(rampMoment(state, dayOf(reply.limits), reply.warmup)) };
}

function throttle(state: QuotaState, consequence: MailboxConsequence, reply: ConsequentReply): QuotaState {
  const { factor, maxConnections } = consequence.throttle ?? {};
  const untilMs = state.seenMs + dayOf(reply.limits);
  const least = Math.min(factor ?? 1, state.throttle?.factor ?? 1);
  const most = Math.min(maxConnections ?? Infinity, state.connections?.most ?? Infinity);
  return {
    ...state,
    ...(factor !== undefined && { throttle: { factor: least, untilMs } }),
    ...(maxConnections !== undefined && { connections: { most, untilMs } }),
  };
}

function flag(state: QuotaState, consequence: MailboxConsequence, reply: ConsequentReply): QuotaState {
  if (consequence.flag === undefined) return state;
  const known = state.flags[consequence.flag];
  const timesMs = [...(known?.timesMs ?? []), state.seenMs];
  const isRaised = known?.isRaised === true || timesMs.length >= (consequence.flagAfter ?? 1);
  const flags = { ...state.flags, [consequence.flag]: { timesMs, isRaised, dayMs: dayOf(reply.limits) } };
  const flagged = { ...state, flags };
  return timesMs.length >= (consequence.stopAfter ?? Infinity)
    ? halt(flagged, { kind: 'Human', text: reply.text })
    : flagged;
}

function stopUntilWindowReset(state: QuotaState, reply: ConsequentReply): QuotaState {
  const shortestMs = state.seenMs + reply.minStopMs;
  const day = reply.limits.find((limit) => limit.name === 'Day');
  if (day === undefined) {
    return halt(state, { kind: 'WindowReset', untilMs: shortestMs, text: reply.text });
  }
  const window = windowOf(state, day);
  const learned = { recipients: window.used, untilMs: state.seenMs + day.windowMs };
  const untilMs = Math.max(shortestMs, freedAtMs(window, 1) ?? 0);
  return halt({ ...state, learned }, { kind: 'WindowReset', untilMs, text: reply.text });
}

/** Stops, unless a graver stop is in force; of two that end by time the longer one stays. */
function halt(state: QuotaState, stop: Stop): QuotaState {
  const present = state.stop;
  if (present === undefined) return { ...state, stop };
  const graver = GRAVITY.indexOf(stop.kind) - GRAVITY.indexOf(present.kind);
  if (graver < 0) return state;
  return graver === 0 && (present.untilMs ?? 0) > (stop.untilMs ?? 0) ? state : { ...state, stop };
}
