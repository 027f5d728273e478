import { describe, expect, it } from 'vitest';
import { createLedgerModel } from '../../../../controller/domain/ledger-model/ledger-model.ts';
import type { WindowShape } from '../../../../controller/domain/quota/rolling-window.ts';
import type { Ledger } from '../../../../controller/domain/ports/ledger.ts';
import { anUncertainRecord } from '../../../builders/attempt.ts';
import { aDayLimit, aReserveRequest } from '../../../builders/quota.ts';
import { POOL, attemptsOf, openPool, recordOf, startSender } from '../../../contract/pool-fixture.ts';

const ANNA = 'mailbox/anna';

function modelAt(time: { ms: number }, quotaShape?: WindowShape): Ledger {
  const parts = { now: () => time.ms, sleep: async () => undefined };
  return createLedgerModel(quotaShape === undefined ? parts : { ...parts, quotaShape });
}

describe('the ledger in memory', () => {
  it('shows the clock that it was given, and says that it does not last', async () => {
    const ledger = modelAt({ ms: 7 });
    expect(await ledger.now()).toBe(7);
    expect(await ledger.health()).toMatchObject({ reason: 'LedgerNotDurable' });
    await ledger.close();
  });

  it('counts usage as much longer than its window as it is told', async () => {
    const limits = [aDayLimit({ windowMs: 288, recipients: 1 })];
    for (const [shape, frees] of [
      [undefined, 1_289],
      [{ slotsPerWindow: 288, marginMs: 0 }, 289],
    ] as const) {
      const time = { ms: 0 };
      const { quota } = modelAt(time, shape);
      await quota.reserve(aReserveRequest({ limits }));
      time.ms = frees - 1;
      expect((await quota.reserve(aReserveRequest({ limits }))).granted).toBe(false);
      time.ms = frees;
      expect((await quota.reserve(aReserveRequest({ limits }))).granted).toBe(true);
    }
  });

  it('does not let one sender settle what another one holds', async () => {
    const ledger = modelAt({ ms: 1 });
    await openPool(ledger, 1);
    const a = await startSender(ledger, 'a');
    const b = await startSender(ledger, 'b');
    expect(await b.deliver(await a.claimOne())).toBe('Fenced');
  });

  it('keeps as the last bad reply what the client saw when there was no reply', async () => {
    const ledger = modelAt({ ms: 5 });
    await openPool(ledger, 1);
    const sender = await startSender(ledger, 'a');
    const claim = await sender.claimOne();
    const settlement = { kind: 'Terminal', outcome: 'Uncertain' } as const;
    await sender.settle(claim, { settlement, record: anUncertainRecord(), route: ANNA });
    const [route] = await ledger.reports.routes(POOL);
    expect(route?.lastReply).toEqual({ text: 'ESOCKET Connection closed', timeMs: 5 });
    expect(await ledger.queue.uncertain(POOL, 1)).toEqual([
      { key: claim.key, attempts: 1, route: ANNA, messageId: 'spring.0.0@example.com', beganMs: 5 },
    ]);
  });

  it('takes an Uncertain end without a route, a record or a beginning', async () => {
    const ledger = modelAt({ ms: 5 });
    await openPool(ledger, 1);
    const sender = await startSender(ledger, 'a');
    const claim = await sender.claimOne();
    const settlement = { kind: 'Terminal', outcome: 'Uncertain' } as const;
    expect(await sender.settle(claim, { settlement })).toBe('Ok');
    expect(await sender.settle(claim, { settlement })).toBe('Ok');
    expect(await ledger.queue.uncertain(POOL, 1)).toEqual([
      { key: claim.key, attempts: 0, route: '', messageId: '', beganMs: 5 },
    ]);
  });

  it('keeps a record without counting it for a route when none is named', async () => {
    const ledger = modelAt({ ms: 5 });
    await openPool(ledger, 1);
    const sender = await startSender(ledger, 'a');
    const claim = await sender.claimOne();
    const settlement = { kind: 'Deferred', dueInMs: 0, constraint: { kind: 'Any' }, overflow: '' } as const;
    const record = recordOf(claim, { outcome: 'Deferred' });
    await sender.settle(claim, { settlement, record });
    expect(await attemptsOf(ledger)).toEqual([record]);
    expect(await ledger.reports.routes(POOL)).toEqual([]);
    expect((await sender.claimOne()).firstAttemptMs).toBe(5);
  });

  it('counts a cancelled message for no route', async () => {
    const ledger = modelAt({ ms: 5 });
    await openPool(ledger, 1);
    const sender = await startSender(ledger, 'a');
    const settlement = { kind: 'Terminal', outcome: 'Cancelled' } as const;
    await sender.settle(await sender.claimOne(), { settlement, route: ANNA });
    expect((await ledger.reports.routes(POOL))[0]).toMatchObject({ sent: 0, failed: 0, suppressed: 0 });
  });
});
