import { describe, expect, it } from 'vitest';
import { aDayLimit, aReserveRequest, anHourLimit } from '../../builders/quota.ts';
import { countsOf, openPool, startSender } from '../../contract/pool-fixture.ts';
import { newPrefix, useRedis } from './redis-under-test.ts';

const redis = useRedis();
const CLIENTS = 8;

describe('many clients at once', () => {
  const withClients = async (prefix: string) =>
    Promise.all(Array.from({ length: CLIENTS }, () => redis.open({ prefix })));

  it('never exceed a cap, and use all of it', async () => {
    const ledgers = await withClients(newPrefix());
    const request = aReserveRequest({
      limits: [aDayLimit({ recipients: 500 }), anHourLimit({ recipients: 300 })],
      recipients: 1,
    });
    const grants = await Promise.all(
      ledgers.flatMap(({ quota }) => Array.from({ length: 100 }, () => quota.reserve(request))),
    );
    expect(grants.filter(({ granted }) => granted)).toHaveLength(300);
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });

  it('claim every row once and settle it once, though each settles twice', async () => {
    const prefix = newPrefix();
    const ledgers = await withClients(prefix);
    const [first] = ledgers;
    if (first === undefined) throw new Error('no ledger');
    await openPool(first, 1_000);
    const rows = await Promise.all(
      ledgers.map(async (ledger, index) => {
        const sender = await startSender(ledger, `s${index}`);
        const seen: number[] = [];
        for (
          let claims = await sender.claim({ any: 16 });
          claims.length > 0;
          claims = await sender.claim({ any: 16 })
        ) {
          await Promise.all(claims.flatMap((claim) => [sender.deliver(claim), sender.deliver(claim)]));
          seen.push(...claims.map(({ key }) => key.row));
        }
        return seen;
      }),
    );
    expect(rows.flat().sort((one, other) => one - other)).toEqual(
      Array.from({ length: 1_000 }, (_none, row) => row),
    );
    expect(await countsOf(first)).toMatchObject({ total: 1_000, delivered: 1_000, pending: 0, inFlight: 0 });
    await Promise.all(ledgers.map((ledger) => ledger.close()));
  });
});
