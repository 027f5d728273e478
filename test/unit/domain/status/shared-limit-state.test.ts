import { describe, expect, it } from 'vitest';
import {
  isTold,
  limitReport,
  sharedLimitStandings,
  sharedLimitState,
} from '../../../../controller/domain/status/shared-limit-state.ts';
import { aUsage } from '../../../builders/facts.ts';
import { aPlan, aSharedLimit } from '../../../builders/plan.ts';

const untilMs = 1_700_000_000_000;
const DAY_MS = 86_400_000;
const ofPool = aSharedLimit({ kind: 'Pool', quotaSubject: 'pool:mail/outreach', recipientDomains: [] });

function aGuard(mode: 'Refuse' | 'Warn' | 'Count') {
  return aSharedLimit({
    kind: 'BulkSender',
    quotaSubject: 'bulk-sender:example.com',
    senderDomain: 'example.com',
    limits: [{ name: 'Day', windowMs: DAY_MS, recipients: 5_000 }],
    guard: { warnAt: 4_000, mode },
  });
}

describe('the state of a shared limit', () => {
  it.each([
    ['has room while nothing is known', ofPool, undefined, 'QuotaAvailable'],
    ['has room below the limit', ofPool, {}, 'QuotaAvailable'],
    ['is the pool’s when that is used up', ofPool, { nextSlotMs: untilMs }, 'PoolQuotaExhausted'],
    ['is the domain’s', aSharedLimit(), { nextSlotMs: untilMs }, 'RecipientDomainQuotaExhausted'],
    [
      'refuses Marketing of a bulk sender',
      aGuard('Refuse'),
      { nextSlotMs: untilMs },
      'BulkSenderRequirements',
    ],
    ['warns below the limit of a bulk sender', aGuard('Refuse'), { used: 4_000 }, 'BulkSenderNear'],
    ['does not warn one recipient earlier', aGuard('Refuse'), { used: 3_999 }, 'QuotaAvailable'],
    ['only warns of what may go on', aGuard('Warn'), { used: 6_000, nextSlotMs: untilMs }, 'BulkSenderNear'],
    [
      'is silent where the requirements are met',
      aGuard('Count'),
      { used: 6_000, nextSlotMs: 1 },
      'QuotaAvailable',
    ],
  ] as const)('%s', (_what, limit, usage, reason) => {
    const state = sharedLimitState(limit, usage && aUsage(usage));
    expect(state.reason).toBe(reason);
    const waits = reason.endsWith('Exhausted') || reason === 'BulkSenderRequirements';
    expect(state.untilMs).toBe(waits ? untilMs : undefined);
    expect(state.message === '').toBe(reason === 'QuotaAvailable');
  });

  it('says in its warning which domain, which numbers and what to do', () => {
    const { message } = sharedLimitState(aGuard('Refuse'), aUsage({ used: 4_500 }));
    expect(message).toMatch(/^example\.com .*4000.*gmail\.com and googlemail\.com.*5000.*requirementsMet$/);
  });
});

describe('a shared limit in the report', () => {
  const plan = aPlan({ sharedLimits: [aSharedLimit(), aGuard('Refuse')] });
  const limited = [
    { limit: 'recipient-domain:mail/outreach/gmail.com', campaign: 'autumn', messages: 3 },
    { limit: 'recipient-domain:mail/outreach/gmail.com', campaign: 'spring', messages: 4 },
    { limit: 'pool:gone', campaign: 'spring', messages: 9 },
  ];
  const usage = new Map([[limited[0]?.limit ?? '', aUsage({ used: 100, nextSlotMs: untilMs })]]);
  const standings = sharedLimitStandings({ plan, usage, limited });

  it('adds up who waits for it', () => {
    expect(standings.map(limitReport)).toMatchObject([
      {
        kind: 'RecipientDomain',
        name: 'gmail.com',
        used: 100,
        recipientsPerDay: 100,
        state: 'RecipientDomainQuotaExhausted',
        nextSlot: '2023-11-14T22:13:20.000Z',
        waiting: 7,
      },
      { kind: 'BulkSender', name: 'bulk-sender/example.com', used: 0, waiting: 0, nextSlot: '' },
    ]);
  });

  it('is not told of a guard in which nothing counts', () => {
    expect(standings.map(isTold)).toEqual([true, false]);
    const counted = sharedLimitStandings({
      plan,
      usage: new Map([['bulk-sender:example.com', aUsage()]]),
      limited: [],
    });
    expect(counted.map(isTold)).toEqual([true, true]);
  });

  it('names the limits that are declared, and no day that only counts', () => {
    const hourly = aSharedLimit({
      limits: [
        { name: 'Day', windowMs: DAY_MS, recipients: Number.MAX_SAFE_INTEGER },
        { name: 'Hour', windowMs: 3_600_000, recipients: 20 },
      ],
    });
    const [standing] = sharedLimitStandings({
      plan: aPlan({ sharedLimits: [hourly] }),
      usage: new Map(),
      limited: [],
    });
    const found = standing && limitReport(standing);
    expect(found).toMatchObject({ recipientsPerHour: 20 });
    expect(found).not.toHaveProperty('recipientsPerDay');
  });
});
