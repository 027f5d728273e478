import { describe, expect, it } from 'vitest';
import type { Claim, RememberedClaim, SettleRequest } from '../../controller/domain/ports/queue-ledger.ts';
import { aClaim } from '../builders/queue.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import {
  attemptOf,
  attemptsOf,
  countsOf,
  importRows,
  openPool,
  POOL,
  recordOf,
  someCounts,
  startSender,
} from './pool-fixture.ts';

const ROUTE = 'mailbox/anna';
const AGO_MS = 300;

/** A claim on a fresh row that the ledger handed out and forgot. */
function forgotten(row: number, number = 50, change: Partial<Claim> = {}): Claim {
  return aClaim({ key: { campaign: 'spring', step: 0, row }, token: `s1.${number}`, ...change });
}

function begun(claim: Claim): RememberedClaim {
  const request = { claim, route: ROUTE, messageId: recordOf(claim).messageId, attempt: attemptOf(claim) };
  return { claim, begun: { request, ageMs: AGO_MS } };
}

function ended(claim: Claim, settlement: SettleRequest['settlement'], more: Partial<SettleRequest> = {}) {
  return { ...begun(claim), ended: { request: { claim, settlement, route: ROUTE, ...more }, ageMs: AGO_MS } };
}

function delivered(claim: Claim, more: Partial<SettleRequest> = {}): RememberedClaim {
  return ended(claim, { kind: 'Terminal', outcome: 'Delivered' }, { record: recordOf(claim), ...more });
}

function deferred(claim: Claim, dueInMs = 0): RememberedClaim {
  const record = recordOf(claim, { code: 450, class: 'transient', outcome: 'Deferred' });
  const settlement = { kind: 'Deferred', dueInMs, constraint: { kind: 'Any' }, overflow: '' } as const;
  return ended(claim, settlement, { record });
}

/** What a ledger that went back in time learns again from a sender. */
export function describeRestating(handle: LedgerHandle): void {
  describe('a sender that tells again what it did', () => {
    const open = async (rows = 3) => {
      await openPool(handle.ledger, rows);
      return startSender(handle.ledger, 's1');
    };
    const tell = (...claims: readonly RememberedClaim[]) =>
      handle.ledger.queue.restate({ ...POOL, senderId: 's1' }, { lastToken: 's1.90', claims });

    it('has its message on the wire again that waited for a shared limit, where it is counted no more', async () => {
      const { ledger } = handle;
      const sender = await open(1);
      const claim = await sender.claimOne();
      const limit = 'recipient-domain:mail/outreach/gmail.com';
      const { constraint, overflow } = claim;
      await sender.settle(claim, {
        settlement: { kind: 'Limited', limit, dueInMs: 0, constraint, overflow },
      });
      expect(await tell(begun(forgotten(0)))).toEqual(['Restated']);
      expect(await ledger.reports.limited(POOL)).toEqual([]);
      expect(await countsOf(ledger)).toMatchObject({ total: 1, pending: 0, inFlight: 1 });
    });

    it('has its message on the wire again, and nobody else gets it', async () => {
      const sender = await open(2);
      const claim = forgotten(0);
      expect(await tell(begun(claim))).toEqual(['Restated']);
      expect(await countsOf(handle.ledger)).toMatchObject({ total: 2, pending: 1, inFlight: 1 });
      expect((await sender.claim()).map(({ key }) => key.row)).toEqual([1]);
      expect(await sender.deliver(claim)).toBe('Ok');
      expect(await countsOf(handle.ledger)).toMatchObject({ delivered: 1, inFlight: 1 });
    });

    it('has what it delivered delivered again, once, with record and next step', async () => {
      const sender = await open(1);
      const claim = forgotten(0);
      const told = delivered(claim, { followUp: { step: 1, dueInMs: 0 } });
      expect(await tell(told)).toEqual(['Restated']);
      expect(await tell(told)).toEqual(['Known']);
      expect(await countsOf(handle.ledger)).toMatchObject({ total: 2, delivered: 1, pending: 1 });
      expect(await attemptsOf(handle.ledger)).toEqual([recordOf(claim)]);
      expect(await handle.ledger.reports.routes(POOL)).toMatchObject([{ route: ROUTE, sent: 1 }]);
      expect((await sender.claim()).map(({ key }) => key.step)).toEqual([1]);
    });

    it('lets a deferred message wait for what is left of its time, bound as it was', async () => {
      await open(1);
      const claim = forgotten(0);
      const nowMs = await handle.ledger.now();
      expect(await tell(deferred(claim, 10_000))).toEqual(['Restated']);
      const { deferred: waiting, nextDueMs } = await handle.ledger.audience.counts({
        ...POOL,
        campaign: 'spring',
      });
      expect(waiting).toBe(1);
      expect(nextDueMs).toBeGreaterThanOrEqual(nowMs + 10_000 - AGO_MS);
      expect(nextDueMs).toBeLessThan(nowMs + 10_000);
    });

    it('leaves alone what came back untried: it lies in the queue', async () => {
      const sender = await open(1);
      const settlement = { kind: 'Returned', dueInMs: 0, constraint: { kind: 'Any' }, overflow: '' } as const;
      const record = recordOf(forgotten(0), { outcome: 'Deferred', class: 'transient' });
      expect(await tell(ended(forgotten(0), settlement, { record }))).toEqual(['Overtaken']);
      expect(await attemptsOf(handle.ledger)).toEqual([]);
      expect(await sender.claim()).toHaveLength(1);
    });

    it('changes nothing when nothing was lost', async () => {
      const sender = await open(4);
      const [onWire, sent, later, untouched] = await sender.claim({ any: 4 });
      if (!onWire || !sent || !later || !untouched) throw new Error('four were to be claimed');
      for (const claim of [onWire, sent, later]) await sender.begin(claim);
      const done = delivered(sent);
      const again = deferred(later, 60_000);
      await handle.ledger.queue.settle(
        sender.key,
        done.ended?.request ?? { claim: sent, settlement: { kind: 'Terminal', outcome: 'Failed' } },
      );
      await handle.ledger.queue.settle(
        sender.key,
        again.ended?.request ?? { claim: later, settlement: { kind: 'Terminal', outcome: 'Failed' } },
      );
      const before = [await countsOf(handle.ledger), await attemptsOf(handle.ledger)];
      expect(await tell(begun(onWire), done, again)).toEqual(['Known', 'Known', 'Known']);
      expect([await countsOf(handle.ledger), await attemptsOf(handle.ledger)]).toEqual(before);
      expect(await sender.begin(untouched)).toBe('Ok');
    });

    it('brings back a begin that was lost of a claim that was not', async () => {
      const sender = await open(1);
      const claim = await sender.claimOne();
      expect(await tell(begun(claim))).toEqual(['Restated']);
      await handle.ledger.queue.reconcile(sender.key, []);
      const [found] = await handle.ledger.queue.uncertain(POOL, 10);
      expect(found).toMatchObject({ key: claim.key, route: ROUTE });
      expect((await handle.ledger.now()) - (found?.beganMs ?? 0)).toBeGreaterThanOrEqual(AGO_MS);
    });

    it('brings back an end that was lost of a claim that was not', async () => {
      const sender = await open(1);
      const claim = await sender.claimOne();
      expect(await tell(delivered(claim))).toEqual(['Restated']);
      expect(await countsOf(handle.ledger)).toMatchObject({ delivered: 1, inFlight: 0 });
    });

    it('takes its message from another sender that has it not on the wire', async () => {
      await open(1);
      const other = await startSender(handle.ledger, 's2', { routes: ['esp/relay'] });
      const taken = await other.claimOne();
      const claim = forgotten(0);
      expect(await tell(begun(claim))).toEqual(['Restated']);
      expect(await other.settle(taken, { settlement: { kind: 'Terminal', outcome: 'Failed' } })).toBe(
        'Fenced',
      );
      expect(await countsOf(handle.ledger)).toMatchObject({ inFlight: 1, failed: 0 });
    });

    it('says when another sender has its message on the wire, and keeps both records', async () => {
      await openPool(handle.ledger, 1);
      const other = await startSender(handle.ledger, 's2');
      await handle.ledger.queue.restate(other.key, { lastToken: 's2.60', claims: [] });
      expect(await other.begin(await other.claimOne())).toBe('Ok');
      const claim = forgotten(0);
      expect(await tell(delivered(claim))).toEqual(['Elsewhere']);
      expect(await countsOf(handle.ledger)).toMatchObject({ inFlight: 1, delivered: 0 });
      expect(await attemptsOf(handle.ledger)).toEqual([recordOf(claim)]);
    });

    it('keeps only the record of an attempt after which the message went on', async () => {
      await open(1);
      const first = forgotten(0, 50);
      const second = forgotten(0, 60, { token: 's2.60', attempts: 1 });
      const other = { ...POOL, senderId: 's2' };
      await startSender(handle.ledger, 's2');
      expect(
        await handle.ledger.queue.restate(other, { lastToken: 's2.60', claims: [delivered(second)] }),
      ).toEqual(['Restated']);
      expect(await tell(deferred(first))).toEqual(['Overtaken']);
      expect(await tell(deferred(first))).toEqual(['Known']);
      expect(await countsOf(handle.ledger)).toMatchObject({ delivered: 1, deferred: 0 });
      expect(await attemptsOf(handle.ledger)).toHaveLength(2);
      expect(await handle.ledger.reports.routes(POOL)).toMatchObject([{ sent: 1, deferred: 1 }]);
    });

    it('goes through several claims on one message in their order', async () => {
      await open(1);
      const second = forgotten(0, 60, { attempts: 1 });
      expect(await tell(deferred(forgotten(0, 50)), begun(second))).toEqual(['Restated', 'Restated']);
      expect(await countsOf(handle.ledger)).toMatchObject({ inFlight: 1, deferred: 0 });
      expect(await attemptsOf(handle.ledger)).toHaveLength(1);
    });

    it('brings back a next step that nobody knows of, and does not begin it twice', async () => {
      const sender = await open(1);
      const step = aClaim({ key: { campaign: 'spring', step: 1, row: 0 }, token: 's1.60' });
      const first = delivered(forgotten(0), { followUp: { step: 1, dueInMs: 0 } });
      expect(await tell(begun(step), first)).toEqual(['Restated', 'Restated']);
      expect(await countsOf(handle.ledger)).toMatchObject({
        total: 2,
        delivered: 1,
        inFlight: 1,
        pending: 0,
      });
      expect(await sender.claim()).toEqual([]);
    });

    it('takes a message out of those that are Uncertain or cancelled, when it was tried after that', async () => {
      const sender = await open(2);
      const lost = await sender.claimOne();
      await sender.begin(lost);
      await handle.ledger.queue.reconcile(sender.key, []);
      await handle.ledger.audience.cancel({ ...POOL, campaign: 'spring' });
      expect(await countsOf(handle.ledger)).toMatchObject({ uncertain: 1, cancelled: 1 });
      const again = { ...lost, token: 's1.70', attempts: 1 };
      expect(await tell(delivered(again), begun(forgotten(1, 71)))).toEqual(['Restated', 'Restated']);
      expect(await countsOf(handle.ledger)).toEqual(
        countsWithoutTimes({ total: 2, delivered: 1, inFlight: 1 }),
      );
    });

    it('leaves what was cancelled or became Uncertain after it', async () => {
      const sender = await open(2);
      await handle.ledger.queue.restate(sender.key, { lastToken: 's1.60', claims: [] });
      const [first, second] = await sender.claim({ any: 2 });
      if (!first || !second) throw new Error('two were to be claimed');
      await sender.begin(first);
      await handle.ledger.queue.reconcile(sender.key, []);
      await handle.ledger.audience.cancel({ ...POOL, campaign: 'spring' });
      const early = { ...first, token: 's1.50' };
      expect(await tell(deferred(early), deferred(forgotten(second.key.row, 51)))).toEqual([
        'Overtaken',
        'Overtaken',
      ]);
      expect(await countsOf(handle.ledger)).toMatchObject({ uncertain: 1, cancelled: 1 });
    });

    it('gives evidence about what became Uncertain meanwhile', async () => {
      const sender = await open(1);
      const claim = await sender.claimOne();
      await sender.begin(claim);
      await handle.ledger.queue.reconcile(sender.key, []);
      expect(await tell(delivered(claim))).toEqual(['Known']);
      expect(await countsOf(handle.ledger)).toMatchObject({ delivered: 1, uncertain: 0 });
    });

    it('leaves what became Uncertain meanwhile by the same claim, and what has ended', async () => {
      const sender = await open(2);
      const [lost, sent] = await sender.claim({ any: 2 });
      if (!lost || !sent) throw new Error('two were to be claimed');
      await sender.begin(lost);
      await sender.deliver(sent);
      await handle.ledger.queue.reconcile(sender.key, []);
      expect(await tell(begun(lost), begun({ ...sent, token: 's9.1' }))).toEqual(['Known', 'Overtaken']);
      const suppressed = ended({ ...sent, token: 's9.99' }, { kind: 'Terminal', outcome: 'Suppressed' });
      expect(await tell(suppressed)).toEqual(['Overtaken']);
      expect(await countsOf(handle.ledger)).toMatchObject({ delivered: 1, uncertain: 1, inFlight: 0 });
    });

    it('brings back what ended without an attempt, and when the first attempt was', async () => {
      const sender = await open(2);
      const firstAttemptMs = (await handle.ledger.now()) - 5_000;
      const suppressed = forgotten(0);
      const request = { claim: suppressed, settlement: { kind: 'Terminal', outcome: 'Suppressed' } } as const;
      const again = forgotten(1, 51, { attempts: 1, firstAttemptMs });
      expect(await tell({ claim: suppressed, ended: { request, ageMs: 0 } }, deferred(again))).toEqual([
        'Restated',
        'Restated',
      ]);
      expect(await countsOf(handle.ledger)).toMatchObject({ suppressed: 1, deferred: 1 });
      expect(await sender.claimOne()).toMatchObject({ attempts: 2, firstAttemptMs });
    });

    it('is never handed a token again that it knows', async () => {
      const sender = await open(1);
      expect(await handle.ledger.queue.restate(sender.key, { lastToken: 's1.90', claims: [] })).toEqual([]);
      expect((await sender.claimOne()).token).toBe('s1.91');
    });

    it('knows of rows before their import', async () => {
      await openPool(handle.ledger, 0);
      await startSender(handle.ledger, 's1');
      expect(await tell(delivered(forgotten(0)))).toEqual(['Restated']);
      await importRows(handle.ledger, 'spring', 2);
      expect(await countsOf(handle.ledger)).toMatchObject({ delivered: 1, pending: 1 });
    });
  });
}

function countsWithoutTimes(counts: Parameters<typeof someCounts>[0]) {
  const { startedMs: _s, completedMs: _c, nextDueMs: _n, ...rest } = someCounts(counts);
  return rest;
}
