import { describe, expect, it } from 'vitest';
import { aDeferredRecord, anAttemptRecord } from '../builders/attempt.ts';
import { aDelivery, anEvidence } from '../builders/evidence.ts';
import { createLedgerModel } from '../../controller/domain/ledger-model/ledger-model.ts';
import { POOL, openPool, recordOf, startSender } from '../contract/pool-fixture.ts';
import { checkInvariants, expectInvariants } from './check-invariants.ts';
import type { Evidence } from './evidence.ts';
import { parseWireLog, readAttempts } from './read-evidence.ts';

const { seen, record } = aDelivery(9, 500_000);

describe('the invariants', () => {
  it('hold for a run in which all is well', () => {
    expect(checkInvariants(anEvidence())).toEqual([]);
    expectInvariants(anEvidence());
  });

  it.each<[string, Partial<Evidence>]>([
    ['Cap', { caps: [{ account: 'anna@example.com', recipients: 2 }] }],
    ['Cap', { sharedCaps: [{ name: 'the pool', recipients: 2, windowMs: 60_000 }] }],
    ['SuppressedMeansSilent', { suppressions: [{ address: 'r2@example.net', acknowledgedMs: 1 }] }],
    ['NothingLost', { audiences: [{ campaign: 'spring', accepted: 4 }] }],
    [
      'NothingTwice',
      { wireLog: [...anEvidence().wireLog, { ...seen, messageId: 'spring.0.0@example.com' }] },
    ],
    ['OneAttemptOneRecord', { attempts: [] }],
    ['PauseIsNow', { pauses: [{ scope: { kind: 'Pool', pool: 'outreach' }, fromMs: 1 }] }],
    [
      'Policy',
      {
        attempts: [
          ...anEvidence().attempts,
          aDeferredRecord({ row: 9, class: 'policy_block' }),
          anAttemptRecord({ ...record, attempt: 2, route: 'esp/relay' }),
        ],
      },
    ],
  ])('%s is among those that are checked', (invariant, fault) => {
    const evidence = anEvidence(fault);
    expect(checkInvariants(evidence).map((violation) => violation.invariant)).toContain(invariant);
    expect(() => expectInvariants(evidence)).toThrow('invariants of the design');
  });
});

describe('evidence', () => {
  it('is read from a wire log line by line, but for a line that is being written', () => {
    const line = JSON.stringify(seen);
    expect(parseWireLog(`${line}\n${line}\n{"id":3,`)).toEqual([seen, seen]);
    expect(parseWireLog('')).toEqual([]);
    expect(() => parseWireLog('{"id":3}\n')).toThrow('timeMs');
  });

  it('is read from the ledger to the last record', async () => {
    const ledger = createLedgerModel({ now: () => 1, sleep: async () => undefined });
    await openPool(ledger, 3);
    const sender = await startSender(ledger, 'a');
    const claims = await sender.claim();
    for (const claim of claims) await sender.deliver(claim);
    expect(await readAttempts(ledger.reports, POOL)).toEqual(claims.map((claim) => recordOf(claim)));
  });
});
