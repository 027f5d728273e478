import { describe, expect, it } from 'vitest';
import { reportSchema } from '../../../../controller/api/report.ts';
import { buildReport } from '../../../../controller/domain/status/build-report.ts';
import type { PoolFacts } from '../../../../controller/domain/status/report-facts.ts';
import { aLaneState, aUsage, campaignCounts, routeCounters } from '../../../builders/facts.ts';
import { aPlan, aPlanCampaign, aPlanMailbox } from '../../../builders/plan.ts';

const nowMs = Date.UTC(2026, 10, 24, 9);
const audience = { revision: 'r1', rows: 9, counts: { read: 10, accepted: 9, invalid: 1, duplicate: 0 } };

function facts(overrides: Partial<PoolFacts> = {}): PoolFacts {
  return {
    plan: aPlan(),
    routes: [],
    usage: new Map(),
    lanes: new Map(),
    limited: [],
    campaigns: new Map(),
    ...overrides,
  };
}

const campaignsWith = (counts: ReturnType<typeof campaignCounts>): PoolFacts['campaigns'] =>
  new Map([['spring', { counts, audience }]]);

describe('the report', () => {
  it('fits its schema when nothing has happened yet', () => {
    const report = buildReport([facts()], nowMs);
    expect(reportSchema.parse(report)).toEqual(report);
    expect(report).toMatchObject({
      generatedAt: '2026-11-24T09:00:00.000Z',
      complete: false,
      pools: [
        {
          namespace: 'mail',
          name: 'outreach',
          routes: [
            { route: 'mailbox/anna', kind: 'Mailbox', account: 'anna@example.com', sent: 0, replies: [] },
            { route: 'esp/relay', kind: 'ESP', account: 'relay', sent: 0 },
          ],
          mailboxes: [{ name: 'anna', used: 0, cap: 100, state: 'Connected', nextSlot: '', flags: [] }],
          campaigns: [{ name: 'spring', state: 'AudienceImporting', total: 0, nextAttempt: '' }],
        },
      ],
    });
  });

  it('is complete without anything to do', () => {
    expect(buildReport([], nowMs).complete).toBe(true);
  });

  it.each([
    ['complete', campaignCounts({ total: 9, delivered: 9 }), undefined, true],
    ['too late to begin', campaignCounts({ total: 9, pending: 9 }), nowMs - 1, true],
    ['under way', campaignCounts({ total: 9, pending: 9 }), undefined, false],
  ])('is about a campaign that is %s', (_what, counts, startDeadlineMs, complete) => {
    const campaign = aPlanCampaign(startDeadlineMs === undefined ? {} : { startMs: 0, startDeadlineMs });
    const plan = aPlan({ campaigns: [campaign] });
    expect(buildReport([facts({ plan, campaigns: campaignsWith(counts) })], nowMs).complete).toBe(complete);
  });

  it('shows per route what was counted, replies in order', () => {
    const replies = [
      { code: 550, enhancedCode: '5.4.5', count: 1 },
      { code: 250, enhancedCode: '2.0.0', count: 7 },
      { code: 550, enhancedCode: '5.1.1', count: 2 },
      { code: 550, enhancedCode: '5.7.1', count: 3 },
    ];
    const counted = routeCounters({ sent: 7, deferred: 1, failed: 2, suppressed: 3, uncertain: 4, replies });
    const route = buildReport([facts({ routes: [counted] })], nowMs).pools[0]?.routes[0];
    expect(route).toMatchObject({ sent: 7, deferred: 1, failed: 2, suppressed: 3, uncertain: 4 });
    expect(route?.replies.map(({ code, enhancedCode }) => `${code} ${enhancedCode}`)).toEqual([
      '250 2.0.0',
      '550 5.1.1',
      '550 5.4.5',
      '550 5.7.1',
    ]);
  });

  it('shows per mailbox what is used, why it waits and until when', () => {
    const usage = aUsage({ used: 100, nextSlotMs: nowMs + 60_000, flags: ['QuotaExceeded'] });
    const report = buildReport([facts({ usage: new Map([[usage.subject, usage]]) })], nowMs);
    expect(report.pools[0]?.mailboxes[0]).toEqual({
      name: 'anna',
      address: 'anna@example.com',
      provider: 'GoogleWorkspace',
      used: 100,
      cap: 100,
      state: 'QuotaExhausted',
      message: 'the cap of the rolling window is used up',
      nextSlot: '2026-11-24T09:01:00.000Z',
      flags: ['QuotaExceeded'],
    });
  });

  it('takes the lane’s word and the declared cap where the quota is not known', () => {
    const lane = aLaneState({ reason: 'ConnectionFailed', message: 'no answer', untilMs: nowMs + 5000 });
    const plan = aPlan({ mailboxes: [aPlanMailbox({ limits: [], cap: 70 })] });
    const report = buildReport([facts({ plan, lanes: new Map([[lane.route, lane]]) })], nowMs);
    expect(report.pools[0]?.mailboxes[0]).toMatchObject({
      cap: 70,
      state: 'ConnectionFailed',
      nextSlot: '2026-11-24T09:00:05.000Z',
    });
  });

  it('shows per campaign its rows, its messages and the next attempt', () => {
    const counts = campaignCounts({
      total: 9,
      delivered: 5,
      deferred: 4,
      nextDueMs: nowMs + 1000,
      startedMs: 1,
    });
    const report = buildReport([facts({ campaigns: campaignsWith(counts) })], nowMs);
    expect(report.pools[0]?.campaigns[0]).toMatchObject({
      state: 'WaitingForRetry',
      rows: { read: 10, accepted: 9, invalid: 1, duplicate: 0 },
      total: 9,
      delivered: 5,
      deferred: 4,
      nextAttempt: '2026-11-24T09:00:01.000Z',
    });
    expect(reportSchema.parse(report)).toEqual(report);
  });
});
