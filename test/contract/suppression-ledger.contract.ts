import { describe, expect, it } from 'vitest';
import {
  EARNED_LIST,
  GUARD_MAX_AGE_MS,
  type EarnedEntry,
  type Suppression,
  type SuppressionKeys,
} from '../../controller/domain/ports/suppression-ledger.ts';
import { useLedger, type LedgerHandle, type LedgerSetup } from './ledger-setup.ts';

const NAMESPACE = 'mail';
const LIST = 'never';
const RITA = { addresses: ['key-of-rita'], domains: ['sub.example.net', 'example.net'] };
const PAUL = { addresses: ['key-of-paul'], domains: ['example.org'] };

const ritasEntry: EarnedEntry = {
  list: EARNED_LIST,
  keys: RITA,
  reason: 'HardBounce',
  address: 'rita@sub.example.net',
};

/** Adds an entry and lets the time pass until that is acknowledged. */
async function add(handle: LedgerHandle, entry: EarnedEntry): Promise<void> {
  const acknowledged = handle.ledger.suppression.add(NAMESPACE, entry).then(() => 'Acknowledged');
  do {
    await handle.pass(GUARD_MAX_AGE_MS / 4);
  } while ((await Promise.race([acknowledged, Promise.resolve('Waiting')])) === 'Waiting');
}

/** What every SuppressionLedger must do. */
export function describeSuppressionLedger(name: string, setup: LedgerSetup): void {
  describe(`suppression ledger: ${name}`, () => {
    const handle = useLedger(setup);
    const publish = (revision: string, entries: { addresses?: string[]; domains?: string[] }, list = LIST) =>
      handle.ledger.suppression.publish(NAMESPACE, list, {
        revision,
        addresses: [],
        domains: [],
        ...entries,
      });
    const check = (
      recipients: readonly SuppressionKeys[],
      lists: readonly string[] = [LIST],
    ): Promise<(Suppression | undefined)[]> => handle.ledger.suppression.check(NAMESPACE, lists, recipients);

    describe('a check', () => {
      it('answers one by one, in the order of the question', async () => {
        await publish('1', { addresses: ['key-of-paul'] });
        expect(await check([RITA, PAUL, RITA])).toEqual([
          undefined,
          { list: LIST, kind: 'Declared', reason: expect.any(String) },
          undefined,
        ]);
        expect(await check([])).toEqual([]);
      });

      it('matches by any of the address keys', async () => {
        await publish('1', { addresses: ['widened-key'] });
        const [found] = await check([{ addresses: ['exact-key', 'widened-key'], domains: [] }]);
        expect(found?.kind).toBe('Declared');
      });

      it('matches by the domain or one of its parents', async () => {
        await publish('1', { domains: ['example.net'] });
        const [rita, paul] = await check([RITA, PAUL]);
        expect(rita?.list).toBe(LIST);
        expect(paul).toBeUndefined();
      });

      it('does not take an address for a domain, nor the other way round', async () => {
        await publish('1', { addresses: ['example.net'], domains: ['key-of-paul'] });
        expect(await check([RITA, PAUL])).toEqual([undefined, undefined]);
      });

      it('asks all the lists and names the one that holds the recipient', async () => {
        await publish('1', {});
        await publish('1', { addresses: ['key-of-paul'] }, 'also-never');
        const [paul] = await check([PAUL], [LIST, 'also-never']);
        expect(paul?.list).toBe('also-never');
        expect(await check([PAUL], [LIST])).toEqual([undefined]);
      });

      it('rejects for a list that was never published: nothing is sent', async () => {
        await publish('1', {});
        await expect(check([PAUL], [LIST, 'unknown'])).rejects.toThrow('unknown');
      });

      it('rejects for a list that was forgotten, until it is published again', async () => {
        await publish('1', { addresses: ['key-of-paul'] });
        await handle.ledger.suppression.forget(NAMESPACE, LIST);
        await expect(check([PAUL])).rejects.toThrow(LIST);
        await publish('1', { addresses: ['key-of-paul'] });
        expect((await check([PAUL]))[0]?.list).toBe(LIST);
      });

      it('needs no declared list at all', async () => {
        expect(await check([RITA], [])).toEqual([undefined]);
        expect(await check([RITA], [EARNED_LIST])).toEqual([undefined]);
      });

      it('does not look into another namespace', async () => {
        await publish('1', { addresses: ['key-of-paul'] });
        await handle.ledger.suppression.publish('other', LIST, {
          revision: '1',
          addresses: [],
          domains: [],
        });
        expect(await handle.ledger.suppression.check('other', [LIST], [PAUL])).toEqual([undefined]);
      });
    });

    describe('publishing', () => {
      it('replaces the whole list', async () => {
        await publish('1', { addresses: ['key-of-rita'], domains: ['example.org'] });
        await publish('2', { addresses: ['key-of-somebody'] });
        expect(await check([RITA, PAUL])).toEqual([undefined, undefined]);
        expect(await handle.ledger.suppression.counts(NAMESPACE, LIST)).toEqual({ declared: 1, earned: 0 });
        await publish('3', {});
        expect(await handle.ledger.suppression.counts(NAMESPACE, LIST)).toEqual({ declared: 0, earned: 0 });
      });

      it('is seen as one change: no check falls between the old and the new list', async () => {
        const addresses = ['key-of-paul', ...Array.from({ length: 3_000 }, (_, index) => `key-${index}`)];
        await publish('0', { addresses });
        const checks: Promise<(Suppression | undefined)[]>[] = [];
        const publishing = publish('1', { addresses: addresses.toReversed() });
        for (let asked = 0; asked < 50; asked += 1) checks.push(check([PAUL]));
        await publishing;
        for (const [paul] of await Promise.all(checks)) expect(paul?.list).toBe(LIST);
      });

      it('tells which lists of the namespace are in force, with their revisions', async () => {
        const { suppression } = handle.ledger;
        const nothing = { revision: '3', addresses: [], domains: [] };
        expect(await suppression.published(NAMESPACE)).toEqual(new Map());
        await publish('1', { addresses: ['key-of-paul'] });
        await publish('2', {}, 'other');
        await publish('2', {}, 'gone');
        await suppression.forget(NAMESPACE, 'gone');
        await suppression.publish('elsewhere', LIST, nothing);
        await add(handle, ritasEntry);
        expect(await suppression.published(NAMESPACE)).toEqual(
          new Map([
            [LIST, '1'],
            ['other', '2'],
          ]),
        );
      });

      it('the same revision again changes nothing', async () => {
        await publish('1', { addresses: ['key-of-rita'] });
        await publish('1', { addresses: ['key-of-rita'] });
        expect(await handle.ledger.suppression.counts(NAMESPACE, LIST)).toEqual({ declared: 1, earned: 0 });
      });
    });

    describe('adding', () => {
      it('suppresses the address for every message of the namespace, whatever its lists', async () => {
        await add(handle, ritasEntry);
        expect(await check([RITA, PAUL], [])).toEqual([
          { list: EARNED_LIST, kind: 'Earned', reason: 'HardBounce' },
          undefined,
        ]);
      });

      it('suppresses the address and not its domain', async () => {
        await add(handle, ritasEntry);
        expect(await check([{ ...RITA, addresses: ['key-of-ritas-colleague'] }], [])).toEqual([undefined]);
      });

      it('is acknowledged only when no guard can have missed it', async () => {
        const before = await handle.ledger.now();
        await add(handle, ritasEntry);
        expect((await handle.ledger.now()) - before).toBeGreaterThan(GUARD_MAX_AGE_MS);
      });

      it('again, or under several keys, counts one address once', async () => {
        const entry = { ...ritasEntry, keys: { addresses: ['exact', 'widened'], domains: [] } };
        await add(handle, entry);
        await add(handle, entry);
        const counts = await handle.ledger.suppression.counts(NAMESPACE, EARNED_LIST);
        expect(counts.earned).toBe(1);
        expect((await check([{ addresses: ['widened'], domains: [] }], []))[0]?.kind).toBe('Earned');
      });

      it('to a declared list stays when that list is replaced or forgotten', async () => {
        await publish('1', {});
        await add(handle, { ...ritasEntry, list: LIST, reason: 'Unsubscribed' });
        await publish('2', { addresses: ['key-of-paul'] });
        expect(await check([RITA])).toEqual([{ list: LIST, kind: 'Earned', reason: 'Unsubscribed' }]);
        expect(await handle.ledger.suppression.counts(NAMESPACE, LIST)).toEqual({ declared: 1, earned: 1 });
        await handle.ledger.suppression.forget(NAMESPACE, LIST);
        await publish('3', {});
        expect((await check([RITA]))[0]?.reason).toBe('Unsubscribed');
      });
    });
  });
}
