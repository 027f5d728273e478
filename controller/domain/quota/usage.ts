import type { QuotaSubject, QuotaUsage, WarmupStanding } from '../ports/quota-ledger.ts';
import { dayOf, stateAt, windowOf, type QuotaState } from './quota-state.ts';
import { capOf, rampOf, roomFor, type Allowance } from './room.ts';

/** What a person wants to know about a subject's quota. Reading changes nothing. */
export function usage(
  before: QuotaState,
  subject: QuotaSubject,
  allowance: Allowance,
  nowMs: number,
): QuotaUsage {
  const state = stateAt(before, nowMs);
  const day = allowance.limits.find((limit) => limit.name === 'Day');
  const nextSlotMs = nextSlot(state, allowance);
  return {
    subject,
    used: day === undefined ? 0 : windowOf(state, day).used,
    cap: day === undefined ? Number.MAX_SAFE_INTEGER : capOf(state, day, allowance.warmup).recipients,
    flags: Object.entries(state.flags)
      .filter(([, flag]) => flag.isRaised)
      .map(([name]) => name)
      .sort(),
    throttleFactor: state.throttle?.factor ?? 1,
    ...(state.connections !== undefined && { maxConnections: state.connections.most }),
    ...(state.learned !== undefined && { learnedLimit: state.learned.recipients }),
    ...(state.stop !== undefined && { stop: state.stop }),
    ...(allowance.warmup !== undefined && { warmup: warmupStanding(state, allowance, allowance.warmup) }),
    ...(nextSlotMs !== undefined && { nextSlotMs }),
  };
}

function warmupStanding(
  state: QuotaState,
  { limits }: Allowance,
  warmup: NonNullable<Allowance['warmup']>,
): WarmupStanding {
  const { recipients, growsAtMs } = rampOf(state, dayOf(limits), warmup);
  const { rampHold: hold, seenMs } = state;
  const held = hold !== undefined && seenMs < hold.untilMs && { heldUntilMs: hold.untilMs };
  return { recipientsPerDay: recipients, growsAtMs, ...held };
}

function nextSlot(state: QuotaState, allowance: Allowance): number | undefined {
  if (state.stop !== undefined) return state.stop.untilMs;
  const room = roomFor(state, allowance, 1);
  return room.fits ? undefined : room.retryAtMs;
}
