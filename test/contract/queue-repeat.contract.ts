import { describe, expect, it } from 'vitest';
import type { Claim } from '../../controller/domain/ports/queue-ledger.ts';
import { anUncertainRecord } from '../builders/attempt.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import {
  POOL,
  attemptOf,
  countsOf,
  openPool,
  someCounts,
  startSender,
  type TestSender,
} from './pool-fixture.ts';

const RELAY = 'esp/relay';
const UNCERTAIN = { kind: 'Terminal', outcome: 'Uncertain' } as const;
/** Room for what is bound to the relay, and for nothing else. */
const FOR_RELAY = { routes: { [RELAY]: 10 }, any: 0 };
const DATE_MS = 1_700_000_000_000;
const REPEATED = { dateMs: DATE_MS, messageId: 'spring.0.0@example.com' };

export function describeRepeats(handle: LedgerHandle): void {
  /** A message that left by the relay with a key, as overflow, and whose sender says that its end is unknown. */
  async function keyedMessage(): Promise<{ sender: TestSender; claim: Claim }> {
    await openPool(handle.ledger, 1);
    const sender = await startSender(handle.ledger, 'a');
    const claim = await sender.claimOne();
    await beginKeyed(sender, claim);
    const record = anUncertainRecord({ route: RELAY, overflow: 'QuotaExhausted' });
    await sender.settle(claim, { settlement: UNCERTAIN, record, route: RELAY });
    return { sender, claim };
  }

  const beginKeyed = (sender: TestSender, claim: Claim): Promise<unknown> =>
    sender.begin(claim, RELAY, {
      keyedMs: DATE_MS,
      attempt: { ...attemptOf(claim), overflow: 'QuotaExhausted' },
    });

  async function repeat(): Promise<{ sender: TestSender; claim: Claim }> {
    const { sender, claim } = await keyedMessage();
    expect(await handle.ledger.queue.resolve(POOL, claim.key, 'Repeat')).toBe('Ok');
    return { sender, claim: await sender.claimOne(FOR_RELAY) };
  }

  const uncertain = () => handle.ledger.queue.uncertain(POOL, 10);

  describe('an Uncertain message with an idempotency key', () => {
    it('is listed with its Date', async () => {
      await keyedMessage();
      expect(await uncertain()).toMatchObject([{ route: RELAY, attempts: 1, keyedMs: DATE_MS }]);
    });

    it('is listed with its Date when its sender was lost, too', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await beginKeyed(sender, claim);
      await handle.ledger.queue.reconcile(sender.key, []);
      expect(await uncertain()).toMatchObject([{ route: RELAY, attempts: 1, keyedMs: DATE_MS }]);
      const { records } = await handle.ledger.reports.attempts(POOL, '', 10);
      expect(records).toMatchObject([{ overflow: 'QuotaExhausted', rule: 'SenderLost' }]);
    });

    it('goes back to its route as the repeat of that message', async () => {
      const { sender, claim } = await keyedMessage();
      const { queue } = handle.ledger;
      expect(await queue.resolve(POOL, claim.key, 'Repeat')).toBe('Ok');
      expect(await queue.resolve(POOL, claim.key, 'Repeat')).toBe('Ok');
      expect(await uncertain()).toEqual([]);
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, deferred: 1 }));
      expect(await sender.claim({ any: 10, esp: 10 })).toEqual([]);
      expect(await sender.claimOne(FOR_RELAY)).toMatchObject({
        key: claim.key,
        attempts: 1,
        constraint: { kind: 'Route', route: RELAY },
        overflow: 'QuotaExhausted',
        repeatOf: REPEATED,
      });
    });

    it('is no repeat when it goes back because it was not accepted', async () => {
      const { sender, claim } = await keyedMessage();
      await handle.ledger.queue.resolve(POOL, claim.key, 'NotAccepted');
      const again = await sender.claimOne();
      expect(again).toMatchObject({ attempts: 1, constraint: { kind: 'Any' }, overflow: '' });
      expect(again.repeatOf).toBeUndefined();
    });

    it('is not repeated without one', async () => {
      await openPool(handle.ledger, 1);
      const sender = await startSender(handle.ledger, 'a');
      const claim = await sender.claimOne();
      await sender.begin(claim, RELAY);
      await sender.settle(claim, { settlement: UNCERTAIN, record: anUncertainRecord(), route: RELAY });
      expect(await handle.ledger.queue.resolve(POOL, claim.key, 'Repeat')).toBe('Fenced');
      expect(await countsOf(handle.ledger)).toEqual(someCounts({ total: 1, uncertain: 1 }));
    });
  });

  describe('a repeat', () => {
    it('is Delivered as any other', async () => {
      const { sender, claim } = await repeat();
      await beginKeyed(sender, claim);
      expect(await sender.deliver(claim, { route: RELAY })).toBe('Ok');
      expect(await countsOf(handle.ledger)).toMatchObject({ delivered: 1, uncertain: 0, deferred: 0 });
      expect(await uncertain()).toEqual([]);
    });

    it('stays one when it comes back untried', async () => {
      const { sender, claim } = await repeat();
      const { constraint, overflow, repeatOf } = claim;
      await sender.settle(claim, {
        settlement: {
          kind: 'Returned',
          dueInMs: 0,
          constraint,
          overflow,
          ...(repeatOf !== undefined && { repeatOf }),
        },
      });
      expect(await sender.claimOne(FOR_RELAY)).toMatchObject({ attempts: 1, repeatOf: REPEATED });
    });

    it('stays one while it waits for a shared limit', async () => {
      const { sender, claim } = await repeat();
      const { constraint, overflow } = claim;
      await sender.settle(claim, {
        settlement: {
          kind: 'Limited',
          limit: 'pool-a',
          dueInMs: 0,
          constraint,
          overflow,
          repeatOf: REPEATED,
        },
      });
      expect(await sender.claim({ ...FOR_RELAY, exhausted: ['pool-a'] })).toEqual([]);
      expect(await sender.claimOne(FOR_RELAY)).toMatchObject({ repeatOf: REPEATED });
    });

    it('stays one when its sender is lost before it began', async () => {
      const { sender } = await repeat();
      await handle.ledger.queue.reconcile(sender.key, []);
      expect(await sender.claimOne(FOR_RELAY)).toMatchObject({ attempts: 1, repeatOf: REPEATED });
    });

    it('keeps the Date of the first message when its end is unknown again', async () => {
      const { sender, claim } = await repeat();
      await beginKeyed(sender, claim);
      await sender.settle(claim, { settlement: UNCERTAIN, record: anUncertainRecord(), route: RELAY });
      expect(await uncertain()).toMatchObject([{ attempts: 2, keyedMs: DATE_MS }]);
    });

    it('is as Uncertain as before when it ends before it began', async () => {
      const { sender, claim } = await repeat();
      await sender.settle(claim, { settlement: UNCERTAIN, route: RELAY });
      expect(await uncertain()).toMatchObject([
        { route: RELAY, attempts: 1, keyedMs: DATE_MS, messageId: REPEATED.messageId },
      ]);
      await handle.ledger.queue.resolve(POOL, claim.key, 'Repeat');
      expect(await sender.claimOne(FOR_RELAY)).toMatchObject({
        overflow: 'QuotaExhausted',
        repeatOf: REPEATED,
      });
    });

    it('is told again to a ledger that forgot it', async () => {
      const { sender, claim } = await repeat();
      const request = {
        claim,
        route: RELAY,
        messageId: 'm',
        keyedMs: DATE_MS,
        attempt: attemptOf(claim),
      };
      await handle.ledger.queue.reconcile(sender.key, []);
      const told = { lastToken: claim.token, claims: [{ claim, begun: { request, ageMs: 0 } }] };
      expect(await handle.ledger.queue.restate(sender.key, told)).toEqual(['Restated']);
      await handle.ledger.queue.reconcile(sender.key, []);
      expect(await uncertain()).toMatchObject([{ attempts: 2, keyedMs: DATE_MS }]);
    });
  });
}
