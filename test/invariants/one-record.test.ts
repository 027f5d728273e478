import { describe, expect, it } from 'vitest';
import type { ReportRoute } from '../../controller/api/report.ts';
import { LOST_ATTEMPT } from '../../controller/domain/lost-attempt.ts';
import { aDeferredRecord, aFailedRecord, anAttemptRecord, anUncertainRecord } from '../builders/attempt.ts';
import { aDelivery, anEvidence } from '../builders/evidence.ts';
import { aReport, aReportPool, aReportRoute } from '../builders/report.ts';
import { aWireTransaction } from '../builders/wire.ts';
import type { Evidence } from './evidence.ts';
import { recordViolations } from './one-record.ts';

const { seen, record } = aDelivery(0, 1_000);
const refusedAtRcpt = aWireTransaction({
  timeMs: 1_000,
  acceptedRcpts: [],
  messageId: '',
  size: 0,
  command: 'RCPT',
  reply: '550 5.1.1 No such user',
  accepted: false,
});

/** Violations of a run whose routes are as given; without any, the report's figures are not looked at. */
function texts(evidence: Partial<Evidence>, routes: ReportRoute[] = []): string[] {
  const report = aReport({ pools: [aReportPool({ routes })] });
  return recordViolations(anEvidence({ report, ...evidence })).map(({ text }) => text);
}

describe('one attempt, one record', () => {
  it('is kept by a run in which each transaction has its record', () => {
    expect(recordViolations(anEvidence())).toEqual([]);
  });

  it('is broken by a transaction that left no record', () => {
    expect(texts({ wireLog: [seen], attempts: [] })).toEqual([
      expect.stringMatching(/^transaction 1 of anna@example\.com .* left no attempt record\.$/),
    ]);
  });

  it('is kept by a transaction whose sender was killed, with the record that recovery made', () => {
    const lost = { ...record, ...LOST_ATTEMPT, timeMs: 11_000, durationMs: 10_000 };
    expect(texts({ wireLog: [seen], attempts: [lost] })).toEqual([]);
    expect(texts({ wireLog: [], attempts: [lost] })).toEqual([]);
    expect(texts({ wireLog: [{ ...seen, timeMs: 13_000, endMs: 13_001 }], attempts: [lost] })).toHaveLength(
      1,
    );
    expect(texts({ wireLog: [seen], attempts: [lost, record] })).toContainEqual(
      expect.stringMatching(/has two records/),
    );
  });

  it('is broken by a second transaction for one record', () => {
    const again = { ...seen, id: 2, timeMs: 1_002 };
    expect(texts({ wireLog: [seen, again], attempts: [record] })).toHaveLength(1);
  });

  it('is broken by a record of a transaction that nobody saw', () => {
    expect(texts({ wireLog: [], attempts: [record] })).toEqual([
      'Attempt 1 of mail/outreach/spring/0/0 claims 250 to DOT; nobody saw it.',
    ]);
  });

  it('is kept by attempts that never came to a transaction, or got no reply', () => {
    const refusedLogin = aDeferredRecord({ command: 'AUTH', code: 535, attempt: 1 });
    const brokenLine = anUncertainRecord({ command: 'MAIL', outcome: 'Deferred', attempt: 2 });
    expect(texts({ wireLog: [], attempts: [refusedLogin, brokenLine] })).toEqual([]);
  });

  it('finds the record of a transaction without a Message-ID by recipient, account and time', () => {
    const failed = aFailedRecord({ timeMs: 1_010 });
    expect(texts({ wireLog: [refusedAtRcpt], attempts: [failed] })).toEqual([]);
    const others = [
      { ...failed, recipient: 'other@example.net' },
      { ...failed, account: 'ben@example.com' },
      { ...failed, timeMs: 100_000 },
    ];
    for (const other of others)
      expect(texts({ wireLog: [refusedAtRcpt], attempts: [other] })).toHaveLength(2);
  });

  it('finds the record of a transaction that ended before its recipient was named', () => {
    const reply = '421 4.7.0 Try again later';
    const atMail = aWireTransaction({ ...refusedAtRcpt, rcpts: [], command: 'MAIL', reply });
    const deferred = aDeferredRecord({ timeMs: 1_010, command: 'MAIL', code: 421, enhancedCode: '4.7.0' });
    expect(texts({ wireLog: [atMail], attempts: [deferred] })).toEqual([]);
  });

  it('prefers the record with the same reply when several fit', () => {
    const busy = { ...refusedAtRcpt, id: 2, reply: '450 4.2.1 The user is receiving mail too quickly' };
    const attempts = [aFailedRecord({ timeMs: 1_010, attempt: 2 }), aDeferredRecord({ timeMs: 1_010 })];
    expect(texts({ wireLog: [busy, refusedAtRcpt], attempts })).toEqual([]);
  });

  it('is broken by a record that says something else than the provider', () => {
    expect(texts({ wireLog: [seen], attempts: [{ ...record, enhancedCode: '2.1.5' }] })).toEqual([
      expect.stringMatching(/says 250 2\.1\.5, but the provider said "250 2\.0\.0 OK"/),
    ]);
    expect(texts({ wireLog: [seen], attempts: [{ ...record, code: 0, outcome: 'Uncertain' }] })).toEqual([]);
  });

  it('is broken by an outcome that contradicts the provider', () => {
    const refused = { ...seen, accepted: false };
    expect(texts({ wireLog: [refused], attempts: [record] })).toEqual([
      expect.stringMatching(/is Delivered, but .* was not accepted/),
    ]);
    expect(texts({ wireLog: [seen], attempts: [{ ...record, outcome: 'Deferred' }] })).toEqual([
      expect.stringMatching(/is Deferred, but .* was accepted/),
    ]);
  });

  it('is broken by two records of one attempt', () => {
    const login = aDeferredRecord({ command: 'AUTH', code: 535 });
    expect(texts({ wireLog: [], attempts: [login, login] })).toEqual([
      'Attempt 1 of mail/outreach/spring/0/0 has two records.',
    ]);
  });
});

describe('the report', () => {
  const relay = aReportRoute({ route: 'esp/relay', kind: 'ESP', account: 'relay' });
  const byRelay = anAttemptRecord({ ...record, route: 'esp/relay', account: 'relay' });
  const seenByRelay = { ...seen, service: 'Relay', account: 'apikey' } as const;

  it('counts what the provider accepted, the Uncertain ones within it', () => {
    const run = { wireLog: [seen], attempts: [record] };
    expect(texts(run, [aReportRoute({ sent: 1 })])).toEqual([]);
    expect(texts(run, [aReportRoute({ uncertain: 1 })])).toEqual([]);
    expect(texts(run, [aReportRoute({ sent: 0 })])).toEqual([
      'mailbox/anna says 0 sent and 0 uncertain, but the provider accepted 1.',
    ]);
    expect(texts(run, [aReportRoute({ sent: 2 })])).toHaveLength(1);
  });

  it('counts an ESP by its login', () => {
    const run = { wireLog: [seenByRelay], attempts: [byRelay] };
    expect(texts(run, [{ ...relay, sent: 1 }])).toEqual([]);
    const two = [{ ...relay, sent: 1 }, aReportRoute({ route: 'esp/other', kind: 'ESP' })];
    expect(() => texts(run, two)).toThrow('loginsOfRoutes');
    const loginsOfRoutes = { 'esp/relay': 'apikey', 'esp/other': 'other' };
    expect(texts({ ...run, loginsOfRoutes }, two)).toEqual([]);
    expect(texts({ ...run, loginsOfRoutes: { ...loginsOfRoutes, 'esp/relay': 'other' } }, two)).toHaveLength(
      1,
    );
  });
});
