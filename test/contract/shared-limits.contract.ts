import { describe, expect, it } from 'vitest';
import type { Plan, PlanSharedLimit } from '../../controller/api/plan.ts';
import { SharedLimits } from '../../controller/sender/shared-limits.ts';
import { aPlan, aSharedLimit } from '../builders/plan.ts';
import { aDayLimit } from '../builders/quota.ts';
import type { LedgerHandle } from './ledger-setup.ts';

const POOL = 'pool:mail/outreach';
const GMAIL = 'recipient-domain:mail/outreach/gmail.com';
const toGmail = { from: 'anna@example.com', recipient: 'r@gmail.com' };
const elsewhere = { from: 'anna@example.com', recipient: 'r@posteo.de' };

/** The pool may send `pool` recipients in a window, `gmail` of them to Gmail. */
function limits({ pool, gmail, windowMs = 3_600_000 }: { pool: number; gmail: number; windowMs?: number }) {
  const of = (recipients: number) => ({ limits: [aDayLimit({ windowMs, recipients })] });
  return [
    aSharedLimit({ kind: 'Pool', quotaSubject: POOL, recipientDomains: [], ...of(pool) }),
    aSharedLimit({ quotaSubject: GMAIL, ...of(gmail) }),
  ];
}

/** The same limits as one sender sees them. */
async function aSender(handle: LedgerHandle, sharedLimits: readonly PlanSharedLimit[]) {
  let plan: Plan = aPlan({ sharedLimits: [...sharedLimits] });
  let nowMs = await handle.ledger.now();
  const shared = new SharedLimits(handle.ledger.quota, { now: () => nowMs }, () => plan);
  return {
    shared,
    declare: (changed: readonly PlanSharedLimit[]) => (plan = aPlan({ sharedLimits: [...changed] })),
    lookAtClock: async () => (nowMs = await handle.ledger.now()),
  };
}

async function usedIn(handle: LedgerHandle, sharedLimits: readonly PlanSharedLimit[]): Promise<number[]> {
  const asked = sharedLimits.map(({ quotaSubject: subject, limits: own }) => ({ subject, limits: own }));
  return (await handle.ledger.quota.usage(asked)).map(({ used }) => used);
}

export function describeSharedLimits(handle: LedgerHandle): void {
  describe('limits that routes share', () => {
    it('count all of them, and what one denies counts in none', async () => {
      const declared = limits({ pool: 3, gmail: 1 });
      const { shared } = await aSender(handle, declared);
      expect(await shared.reserve(toGmail)).toMatchObject({ kind: 'Granted' });
      expect(await usedIn(handle, declared)).toEqual([1, 1]);
      const denied = await shared.reserve(toGmail);
      expect(denied).toMatchObject({ kind: 'Denied', hold: { limit: { quotaSubject: GMAIL } } });
      expect(await usedIn(handle, declared)).toEqual([1, 1]);
      expect(await shared.reserve(elsewhere)).toMatchObject({ kind: 'Granted' });
      expect(await usedIn(handle, declared)).toEqual([2, 1]);
    });

    it('hold what counts in them, and nothing else, until the time that the ledger named', async () => {
      const { shared, lookAtClock } = await aSender(handle, limits({ pool: 9, gmail: 1, windowMs: 900 }));
      await shared.reserve(toGmail);
      await shared.reserve(toGmail);
      const hold = shared.holdOf(toGmail);
      expect(hold?.limit.quotaSubject).toBe(GMAIL);
      expect(shared.holdOf(elsewhere)).toBeUndefined();
      expect(shared.exhausted).toEqual([GMAIL]);
      expect(shared.poolHold).toBeUndefined();
      await handle.reach(hold?.untilMs ?? 0);
      await lookAtClock();
      expect(shared.holdOf(toGmail)).toBeUndefined();
      expect(await shared.reserve(toGmail)).toMatchObject({ kind: 'Granted' });
    });

    it('hold the whole pool when they are its own', async () => {
      const { shared } = await aSender(handle, limits({ pool: 1, gmail: 9 }));
      await shared.reserve(elsewhere);
      await shared.reserve(elsewhere);
      expect(shared.poolHold?.limit.quotaSubject).toBe(POOL);
      expect(shared.holdOf(toGmail)?.limit.quotaSubject).toBe(POOL);
      expect(shared.exhausted).toEqual([]);
    });

    it('are looked at again: what is given back elsewhere ends the hold, what is not tells its time', async () => {
      const declared = limits({ pool: 9, gmail: 1 });
      const { shared } = await aSender(handle, declared);
      const other = await aSender(handle, declared);
      const taken = await other.shared.reserve(toGmail);
      await shared.reserve(toGmail);
      await shared.tend();
      expect(shared.exhausted).toEqual([GMAIL]);
      if (taken.kind === 'Granted') await other.shared.release(taken.reservations);
      await shared.tend();
      expect(shared.exhausted).toEqual([]);
      expect(await shared.reserve(toGmail)).toMatchObject({ kind: 'Granted' });
    });

    it('begin anew with a changed plan', async () => {
      const { shared, declare } = await aSender(handle, limits({ pool: 9, gmail: 1 }));
      await shared.reserve(toGmail);
      await shared.reserve(toGmail);
      declare(limits({ pool: 9, gmail: 2 }));
      expect(shared.exhausted).toEqual([]);
      expect(await shared.reserve(toGmail)).toMatchObject({ kind: 'Granted' });
      declare([]);
      expect(await shared.reserve(toGmail)).toEqual({ kind: 'Granted', reservations: [] });
    });

    it('are never exceeded by many senders at once, who all come to an end', async () => {
      const declared = limits({ pool: 40, gmail: 15 });
      const senders = await Promise.all(Array.from({ length: 12 }, () => aSender(handle, declared)));
      const granted = { toGmail: 0, elsewhere: 0 };
      const run = async ({ shared }: (typeof senders)[number], index: number): Promise<void> => {
        for (let turn = index; ; turn += 1) {
          await shared.tend();
          const isGmail = turn % 2 === 0 && !shared.exhausted.includes(GMAIL);
          if (shared.poolHold) return;
          const answer = await shared.reserve(isGmail ? toGmail : elsewhere);
          if (answer.kind === 'Granted') granted[isGmail ? 'toGmail' : 'elsewhere'] += 1;
        }
      };
      await Promise.all(senders.map(run));
      expect(granted.toGmail).toBeLessThanOrEqual(15);
      expect(granted.toGmail + granted.elsewhere).toBeLessThanOrEqual(40);
      // The last places may be in dispute when everybody leaves; whoever comes then gets them.
      const late = await aSender(handle, declared);
      while ((await late.shared.reserve(elsewhere)).kind === 'Granted') granted.elsewhere += 1;
      expect(granted.toGmail + granted.elsewhere).toBe(40);
      expect(await usedIn(handle, declared)).toEqual([40, granted.toGmail]);
    });
  });
}
