import { describe, expect, it } from 'vitest';
import type { RememberedClaim, Settlement } from '../../../controller/domain/ports/queue-ledger.ts';
import {
  agedSettlement,
  numberOfToken,
  restatementOf,
  type RestatedPlace,
} from '../../../controller/domain/restatement.ts';
import { aClaim } from '../../builders/queue.ts';

const BACK = { dueInMs: 1_000, constraint: { kind: 'Any' }, overflow: '' } as const;
const SETTLEMENTS = {
  Delivered: { kind: 'Terminal', outcome: 'Delivered' },
  Failed: { kind: 'Terminal', outcome: 'Failed' },
  Uncertain: { kind: 'Terminal', outcome: 'Uncertain' },
  Suppressed: { kind: 'Terminal', outcome: 'Suppressed' },
  Cancelled: { kind: 'Terminal', outcome: 'Cancelled' },
  Deferred: { kind: 'Deferred', ...BACK },
  Returned: { kind: 'Returned', ...BACK },
  Limited: { kind: 'Limited', limit: 'pool:mail/outreach', ...BACK },
} as const satisfies Record<string, Settlement>;
type End = 'OnWire' | keyof typeof SETTLEMENTS;

/** A claim on a message that was tried once before, and how it ended. */
function remembered(end: End): RememberedClaim {
  const claim = aClaim({ attempts: 1 });
  return end === 'OnWire'
    ? { claim }
    : { claim, ended: { request: { claim, settlement: SETTLEMENTS[end] }, ageMs: 400 } };
}

const ENDS = ['OnWire', ...Object.keys(SETTLEMENTS)] as End[];
const BACK_UNTRIED: readonly End[] = ['Returned', 'Limited'];

/** What is answered when the ledger has the message there, by how the claim ended; all others are Overtaken. */
const TABLE: readonly [RestatedPlace, Partial<Record<'Restated' | 'Elsewhere', readonly End[]>>][] = [
  [{ kind: 'Fresh' }, { Restated: ENDS }],
  [{ kind: 'Absent' }, { Restated: ENDS }],
  [{ kind: 'Waiting', attempts: 0 }, { Restated: ENDS }],
  [{ kind: 'Waiting', attempts: 1 }, { Restated: ENDS }],
  [{ kind: 'Waiting', attempts: 2 }, {}],
  [{ kind: 'Held', isLater: false, isOnWire: false }, { Restated: ENDS }],
  [{ kind: 'Held', isLater: false, isOnWire: true }, { Restated: ENDS }],
  [{ kind: 'Held', isLater: true, isOnWire: false }, { Restated: ENDS.filter((end) => end !== 'Deferred') }],
  [{ kind: 'Held', isLater: true, isOnWire: true }, { Elsewhere: ENDS.filter((end) => end !== 'Deferred') }],
  [{ kind: 'Uncertain', isLater: false }, { Restated: ENDS }],
  [{ kind: 'Uncertain', isLater: true }, {}],
  [{ kind: 'Cancelled' }, { Restated: ['OnWire', 'Delivered', 'Failed', 'Uncertain'] }],
  [{ kind: 'Ended' }, {}],
];

describe('what a sender remembers of a message', () => {
  const rows = TABLE.flatMap(([place, answers]) =>
    ENDS.map((end) => {
      const found = (['Restated', 'Elsewhere'] as const).find((answer) => answers[answer]?.includes(end));
      const answer = BACK_UNTRIED.includes(end) ? 'Overtaken' : (found ?? 'Overtaken');
      return { end, where: JSON.stringify(place), place, answer };
    }),
  );
  it.each(rows)('$end is $answer when the ledger has it $where', ({ end, place, answer }) => {
    expect(restatementOf(remembered(end), place)).toBe(answer);
  });

  it('is told with what is left of its times', () => {
    const claim = aClaim();
    const followUp = { step: 1, dueInMs: 5_000 };
    const aged = (settlement: Settlement, more = {}) =>
      agedSettlement({ request: { claim, settlement, ...more }, ageMs: 400 });
    expect(aged(SETTLEMENTS.Deferred)).toEqual({
      claim,
      settlement: { ...SETTLEMENTS.Deferred, dueInMs: 600 },
    });
    expect(aged({ ...SETTLEMENTS.Deferred, dueInMs: 0 })).toMatchObject({ settlement: { dueInMs: 0 } });
    expect(aged(SETTLEMENTS.Delivered, { followUp })).toEqual({
      claim,
      settlement: SETTLEMENTS.Delivered,
      followUp: { step: 1, dueInMs: 4_600 },
    });
  });

  it('has a number by its token, and none without one', () => {
    expect([numberOfToken('host-1.42'), numberOfToken('')]).toEqual([42, 0]);
  });
});
