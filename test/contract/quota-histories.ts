import * as fc from 'fast-check';
import type { PlanLimit } from '../../controller/api/plan.ts';
import type { AccountConsequence, Stop } from '../../controller/domain/ports/quota-ledger.ts';
import type { WindowShape } from '../../controller/domain/quota/rolling-window.ts';

/** Coarse slots and a short margin, so that several windows pass within a history of a few seconds. */
export const HISTORY_SHAPE: WindowShape = { slotsPerWindow: 12, marginMs: 20 };

const DAY_WINDOW_MS = 600;
/** What an operator changed the window to: usage must not be forgotten. */
const CHANGED_DAY_WINDOW_MS = 450;
const HOUR_WINDOW_MS = 250;

export type HistoryStep = { readonly afterMs: number } & (
  | {
      readonly do: 'reserve';
      readonly recipients: number;
      readonly limits: readonly PlanLimit[];
      readonly minIntervalMs: number;
      readonly jitterMs: number;
      /** When the sending window closes that the allowance is spread over. */
      readonly closesInMs?: number | undefined;
    }
  /** `grant`: which of the reservations so far, counted round. */
  | { readonly do: 'release'; readonly grant: number }
  | {
      readonly do: 'apply';
      readonly consequence: AccountConsequence;
      readonly minStopMs: number;
      readonly limits: readonly PlanLimit[];
    }
  | { readonly do: 'resume'; readonly kinds: readonly Stop['kind'][] }
);

export interface History {
  /** A ramp of 4 recipients that grows by half; `startedMsAgo`: when it began, else with the first reservation. */
  readonly ramp?: { readonly startedMsAgo?: number | undefined } | undefined;
  readonly steps: readonly HistoryStep[];
}

const limits = fc
  .record({
    day: fc.option(fc.constantFrom(3, 8, 20), { nil: undefined, freq: 6 }),
    windowMs: fc.oneof(
      { weight: 9, arbitrary: fc.constant(DAY_WINDOW_MS) },
      fc.constant(CHANGED_DAY_WINDOW_MS),
    ),
    hour: fc.option(fc.constantFrom(2, 6), { nil: undefined, freq: 2 }),
  })
  .map(({ day, windowMs, hour }): PlanLimit[] => [
    ...(day === undefined ? [] : [{ name: 'Day' as const, windowMs, recipients: day }]),
    ...(hour === undefined ? [] : [{ name: 'Hour' as const, windowMs: HOUR_WINDOW_MS, recipients: hour }]),
  ]);

const reserving = fc.record({
  do: fc.constant('reserve' as const),
  recipients: fc.integer({ min: 1, max: 4 }),
  limits,
  minIntervalMs: fc.constantFrom(0, 0, 0, 15, 40),
  jitterMs: fc.constantFrom(0, 0, 7),
  closesInMs: fc.option(fc.constantFrom(-5, 60, DAY_WINDOW_MS / 3, DAY_WINDOW_MS), {
    nil: undefined,
    freq: 3,
  }),
});

const releasing = fc.record({ do: fc.constant('release' as const), grant: fc.nat(50) });

const consequences: readonly AccountConsequence[] = [
  { stop: 'untilWindowReset', flag: 'QuotaExceeded' },
  { stop: 'untilCredentialChanges', flag: 'BadCredentials' },
  { stop: 'untilHuman' },
  { stop: 'untilDnsVerified', flag: 'SenderDomainUnauthenticated' },
  { throttle: { factor: 0.5 }, flag: 'PolicyBlock', stopAfter: 2 },
  { throttle: { factor: 0.25 } },
  { holdsWarmup: true },
  { holdsWarmup: true, throttle: { factor: 0.5 } },
  { throttle: { maxConnections: 2 } },
  { throttle: { maxConnections: 1 }, flag: 'AuthThrottle', flagAfter: 3 },
];

const applying = fc.record({
  do: fc.constant('apply' as const),
  consequence: fc.constantFrom(...consequences),
  minStopMs: fc.constantFrom(0, 80, 700),
  limits,
});

const resuming = fc.record({
  do: fc.constant('resume' as const),
  kinds: fc.subarray<Stop['kind']>(['WindowReset', 'CredentialChanges', 'Human', 'DnsVerified'], {
    minLength: 1,
  }),
});

const pause = fc.oneof(
  { weight: 6, arbitrary: fc.nat(60) },
  { weight: 1, arbitrary: fc.constantFrom(HOUR_WINDOW_MS, DAY_WINDOW_MS) },
);

const step: fc.Arbitrary<HistoryStep> = fc
  .tuple(
    pause,
    fc.oneof(
      { weight: 12, arbitrary: reserving },
      { weight: 4, arbitrary: releasing },
      { weight: 2, arbitrary: applying },
      { weight: 2, arbitrary: resuming },
    ),
  )
  .map(([afterMs, action]) => ({ afterMs, ...action }));

/** A random history: reservations under changing caps, releases, consequences, resumptions, and time that passes. */
export const aHistory: fc.Arbitrary<History> = fc.record({
  ramp: fc.option(
    fc.record({
      startedMsAgo: fc.option(fc.constantFrom(0, DAY_WINDOW_MS, 5 * DAY_WINDOW_MS), {
        nil: undefined,
        freq: 2,
      }),
    }),
    { nil: undefined, freq: 2 },
  ),
  steps: fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }),
});
