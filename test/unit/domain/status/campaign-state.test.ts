import { describe, expect, it } from 'vitest';
import type { Reason } from '../../../../controller/api/reasons.ts';
import {
  campaignState,
  type CampaignFacts,
  type RouteStanding,
} from '../../../../controller/domain/status/campaign-state.ts';
import type { SharedLimitStanding } from '../../../../controller/domain/status/shared-limit-state.ts';
import { campaignCounts } from '../../../builders/facts.ts';
import { aRouting } from '../../../builders/lane.ts';
import { aPlan, aPlanCampaign, aSharedLimit } from '../../../builders/plan.ts';

const nowMs = 1_000_000;
const imported = { revision: 'r1', rows: 10, counts: { read: 10, accepted: 10, invalid: 0, duplicate: 0 } };
const mailbox = (reason: Reason, untilMs?: number): RouteStanding => ({
  kind: 'Mailbox',
  weight: 1,
  reason,
  message: '',
  ...(untilMs === undefined ? {} : { untilMs }),
});
const esp = (reason: Reason, untilMs?: number): RouteStanding => ({
  ...mailbox(reason, untilMs),
  kind: 'ESP',
});

const poolLimit: SharedLimitStanding = {
  limit: aSharedLimit({ kind: 'Pool', recipientDomains: [] }),
  state: { reason: 'PoolQuotaExhausted', message: 'pool', untilMs: nowMs + 7 },
  used: 100,
  waiting: new Map(),
};
const domainLimit = (messages: number, campaign = 'spring'): SharedLimitStanding => ({
  limit: aSharedLimit(),
  state: { reason: 'RecipientDomainQuotaExhausted', message: 'domain', untilMs: nowMs + 9 },
  used: 100,
  waiting: new Map([[campaign, messages]]),
});

function state(facts: Partial<CampaignFacts> = {}) {
  return campaignState({
    plan: aPlan(),
    campaign: aPlanCampaign(),
    counts: campaignCounts({ total: 10, pending: 10 }),
    audience: imported,
    routes: [mailbox('Connected')],
    limits: [],
    nowMs,
    ...facts,
  });
}

describe('a campaign', () => {
  it.each<[string, Partial<CampaignFacts>, Reason]>([
    [
      'is importing before its audience is there',
      { audience: { ...imported, revision: '' } },
      'AudienceImporting',
    ],
    [
      'says so when its audience cannot be read',
      { audience: { ...imported, revision: '' }, audienceProblem: 'is empty' },
      'AudienceInvalid',
    ],
    [
      'goes on with the audience it has when an edit of it cannot be read',
      { audienceProblem: 'is empty' },
      'Sending',
    ],
    ['is sending while messages remain', {}, 'Sending'],
    [
      'is complete when every message has its outcome',
      { counts: campaignCounts({ total: 10, delivered: 8, uncertain: 2 }) },
      'Complete',
    ],
    [
      'is complete when its end cancelled what was left',
      {
        campaign: aPlanCampaign({ endMs: nowMs }),
        counts: campaignCounts({ total: 10, delivered: 4, cancelled: 6 }),
        audience: { ...imported, revision: '' },
      },
      'Complete',
    ],
    ['is not over before its end', { campaign: aPlanCampaign({ endMs: nowMs + 1 }) }, 'Sending'],
    ['is complete with an empty audience', { counts: campaignCounts() }, 'Complete'],
    ['is suspended by itself', { campaign: aPlanCampaign({ suspended: true }) }, 'Suspended'],
    ['is suspended by its pool', { plan: aPlan({ suspended: true }) }, 'Suspended'],
    ['has not started before its time', { campaign: aPlanCampaign({ startMs: nowMs + 1 }) }, 'NotStarted'],
    ['has started at its time', { campaign: aPlanCampaign({ startMs: nowMs }) }, 'Sending'],
    [
      'missed its deadline when it could not begin in time',
      { campaign: aPlanCampaign({ startMs: 0, startDeadlineMs: nowMs - 1 }) },
      'DeadlineMissed',
    ],
    [
      'goes on after the deadline when it began in time',
      {
        campaign: aPlanCampaign({ startMs: 0, startDeadlineMs: nowMs - 1 }),
        counts: campaignCounts({ total: 10, pending: 9, delivered: 1, startedMs: 5 }),
      },
      'Sending',
    ],
    [
      'may still begin at its deadline',
      { campaign: aPlanCampaign({ startMs: 0, startDeadlineMs: nowMs }) },
      'Sending',
    ],
    [
      'waits for retries when only deferred messages remain',
      { counts: campaignCounts({ total: 10, deferred: 1 }) },
      'WaitingForRetry',
    ],
    [
      'is sending while a message is under way, whatever the routes say',
      { counts: campaignCounts({ total: 10, inFlight: 1 }), routes: [mailbox('Suspended')] },
      'Sending',
    ],
    ['has no route in an empty pool', { routes: [] }, 'NoRoute'],
    ['is sending while its lanes pace', { routes: [mailbox('Pacing', nowMs + 5)] }, 'Sending'],
    ['waits for quota', { routes: [mailbox('QuotaExhausted', nowMs + 5)] }, 'WaitingForQuota'],
    ['waits for its window', { routes: [mailbox('WindowClosed', nowMs + 5)] }, 'WindowClosed'],
    ['waits for a connection', { routes: [mailbox('ConnectionFailed', nowMs + 5)] }, 'WaitingForRetry'],
    ['has no route when a person must act', { routes: [mailbox('CredentialsInvalid')] }, 'NoRoute'],
    [
      'is sending by the ESP when the mailboxes are used up',
      { routes: [mailbox('QuotaExhausted', nowMs + 5), esp('Connected')] },
      'Sending',
    ],
    [
      'waits in a pool that holds although the ESP is free',
      {
        plan: aPlan({ routing: aRouting({ overflow: 'Hold' }) }),
        routes: [mailbox('QuotaExhausted', nowMs + 5), esp('Connected')],
      },
      'WaitingForQuota',
    ],
  ])('%s', (_sentence, facts, reason) => {
    expect(state(facts).reason).toBe(reason);
  });

  it.each<[string, Partial<CampaignFacts>, string]>([
    ['waits for all that its pool may send', { limits: [poolLimit] }, 'WaitingForQuota until 7: pool'],
    [
      'waits for a domain when no other message is left',
      { limits: [domainLimit(10)] },
      'WaitingForQuota until 9: domain',
    ],
    [
      'waits for a domain while others are deferred',
      { counts: campaignCounts({ total: 10, pending: 2, deferred: 3 }), limits: [domainLimit(2)] },
      'WaitingForQuota until 9: domain',
    ],
    [
      'waits for the first of two limits',
      { limits: [domainLimit(10), poolLimit] },
      'WaitingForQuota until 7: pool',
    ],
    [
      'waits for a person when only a bulk sender’s requirements are missing',
      {
        limits: [
          {
            ...domainLimit(10),
            state: { reason: 'BulkSenderRequirements', message: 'SPF', untilMs: nowMs + 3 },
          },
        ],
      },
      'BulkSenderRequirements until 3: SPF',
    ],
    ['is sending while others go on', { limits: [domainLimit(9)] }, 'Sending'],
    ['is sending while another campaign waits', { limits: [domainLimit(10, 'autumn')] }, 'Sending'],
    [
      'is sending once the limit has room',
      { limits: [{ ...domainLimit(10), state: { reason: 'QuotaAvailable', message: '' } }] },
      'Sending',
    ],
  ])('%s', (_sentence, facts, words) => {
    const found = state(facts);
    const until = found.untilMs === undefined ? '' : ` until ${found.untilMs - nowMs}: ${found.message}`;
    expect(`${found.reason}${until}`).toBe(words);
  });

  it('is blocked with the reason of the plan', () => {
    const blocked = { reason: 'TemplateNotFound', message: 'create it' } as const;
    expect(state({ campaign: aPlanCampaign({ blocked }) })).toEqual(blocked);
  });

  it('stays complete when what it needed is gone', () => {
    const blocked = { reason: 'TemplateNotFound', message: 'create it' } as const;
    const counts = campaignCounts({ total: 1, delivered: 1 });
    expect(state({ campaign: aPlanCampaign({ blocked }), counts }).reason).toBe('Complete');
  });

  it('says what its routes wait for', () => {
    const routes = [mailbox('QuotaExhausted'), mailbox('Suspended'), mailbox('QuotaExhausted')];
    expect(state({ routes, plan: aPlan({ routing: aRouting({ overflow: 'Hold' }) }) }).message).toBe(
      '2 QuotaExhausted, 1 Suspended',
    );
  });

  it('waits until the first of its routes is back', () => {
    const routes = [
      mailbox('QuotaExhausted', nowMs + 9),
      mailbox('QuotaExhausted', nowMs + 5),
      mailbox('Suspended'),
    ];
    expect(state({ routes }).untilMs).toBe(nowMs + 5);
  });
});
