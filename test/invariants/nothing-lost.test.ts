import { describe, expect, it } from 'vitest';
import type { Report, ReportCampaign } from '../../controller/api/report.ts';
import { aFailedRecord, anAttemptRecord, aDeferredRecord } from '../builders/attempt.ts';
import { anEvidence } from '../builders/evidence.ts';
import { aReport, aReportCampaign, aReportPool } from '../builders/report.ts';
import { lossViolations } from './nothing-lost.ts';

const rows = { read: 10, accepted: 10, invalid: 0, duplicate: 0 };
const WAITING = { state: 'WaitingForRetry', message: 'waits for mailbox anna', rows } as const;

function reported(campaign: Partial<ReportCampaign>, report: Partial<Report> = {}): string[] {
  const pools = [aReportPool({ campaigns: [aReportCampaign(campaign)] })];
  const evidence = anEvidence({ report: aReport({ pools, ...report }), attempts: [] });
  return lossViolations(evidence).map(({ text }) => text);
}

describe('nothing is lost', () => {
  it('when every message has ended', () => {
    expect(lossViolations(anEvidence())).toEqual([]);
    const ended = { delivered: 4, failed: 3, suppressed: 1, uncertain: 1, cancelled: 1 };
    expect(reported({ rows, total: 10, ...ended })).toEqual([]);
  });

  it('when what is open waits with a reason and a time', () => {
    const waiting = { ...WAITING, total: 10, delivered: 8, deferred: 2, nextAttempt: '2026-11-24T12:00:00Z' };
    expect(reported(waiting, { complete: false })).toEqual([]);
    const fresh = { ...WAITING, total: 10, delivered: 8, pending: 2 };
    expect(reported(fresh, { complete: false })).toEqual([]);
    expect(reported({ ...fresh, state: 'Sending', message: '' }, { complete: false })).toEqual([]);
  });

  it.each([
    [
      'a message is in no count',
      { rows, total: 10, delivered: 9 },
      /10 messages, but 9 ended and 0 are open/,
    ],
    ['a row is in no count', { rows: { ...rows, read: 11 }, total: 10, delivered: 10 }, /read 11 rows/],
    ['a row became no message', { rows, total: 9, delivered: 9 }, /accepted 10 rows, but has only 9/],
    ['open messages have no reason', { ...WAITING, message: '', total: 10, pending: 10 }, /says not why/],
    ['a deferred message has no time', { ...WAITING, total: 10, deferred: 10 }, /says not when/],
    [
      'a complete campaign has open ones',
      { ...WAITING, state: 'Complete', total: 10, pending: 10 },
      /is Complete/,
    ],
  ] as const)('is not so when %s', (_case, campaign, text) => {
    expect(reported(campaign, { complete: false })).toEqual([expect.stringMatching(text)]);
  });

  it('is not so when a complete report has open messages', () => {
    expect(reported({ ...WAITING, total: 10, pending: 10 })).toEqual([
      'The report is complete, but campaign spring has 10 open messages.',
    ]);
  });

  it('is not so when the audience was not taken in entirely', () => {
    const audiences = [
      { campaign: 'spring', accepted: 3 },
      { campaign: 'spring', accepted: 4 },
      { campaign: 'autumn', accepted: 1 },
    ];
    expect(lossViolations(anEvidence({ audiences })).map(({ text }) => text)).toEqual([
      'Campaign spring accepted 3 rows instead of 4.',
      'Campaign autumn is not in the report.',
    ]);
  });

  it('is not so when a message goes on after its end', () => {
    const attempts = [aFailedRecord({ attempt: 1 }), anAttemptRecord({ attempt: 2 })].toReversed();
    expect(lossViolations(anEvidence({ attempts }))).toEqual([
      { invariant: 'NothingLost', text: expect.stringMatching(/was Failed by attempt 1, then tried again/) },
    ]);
    const retried = [aDeferredRecord({ attempt: 1 }), anAttemptRecord({ attempt: 2 })];
    expect(lossViolations(anEvidence({ attempts: retried }))).toEqual([]);
  });
});
