import { describe, expect, it } from 'vitest';
import { sendingPoolKind } from '../../../../controller/api/sending-pool.ts';
import { limitConditions, limitStatus } from '../../../../controller/domain/status/pool-limits.ts';
import { aReportLimit } from '../../../builders/report.ts';

const nextSlot = '2026-11-25T09:00:00.000Z';
const ofPool = aReportLimit({ kind: 'Pool', name: 'pool' });
const usedUp = aReportLimit({ state: 'RecipientDomainQuotaExhausted', message: 'gmail.com', nextSlot });
const guard = aReportLimit({ kind: 'BulkSender', name: 'bulk-sender/example.com', recipientsPerDay: 5_000 });

function words(limits: Parameters<typeof limitConditions>[0]): string[] {
  return limitConditions(limits).map(({ type, status, reason }) => `${type}=${status}/${reason}`);
}

describe('the shared limits of a pool', () => {
  it.each<[string, Parameters<typeof limitConditions>[0], string[]]>([
    ['are no quota of a pool without any', [], ['PolicyCompliant=True/Succeeded']],
    ['are no quota when there are only guards', [guard], ['PolicyCompliant=True/Succeeded']],
    [
      'are available while they have room',
      [ofPool, guard],
      ['QuotaAvailable=True/QuotaAvailable', 'PolicyCompliant=True/Succeeded'],
    ],
    [
      'name the domain that is used up',
      [ofPool, usedUp],
      ['QuotaAvailable=False/RecipientDomainQuotaExhausted', 'PolicyCompliant=True/Succeeded'],
    ],
    [
      'name the pool first',
      [usedUp, { ...ofPool, state: 'PoolQuotaExhausted' }],
      ['QuotaAvailable=False/PoolQuotaExhausted', 'PolicyCompliant=True/Succeeded'],
    ],
    [
      'warn of a bulk sender',
      [{ ...guard, state: 'BulkSenderNear' }],
      ['PolicyCompliant=True/BulkSenderNear'],
    ],
    [
      'say that one is refused, before they warn of another',
      [
        { ...guard, state: 'BulkSenderNear' },
        { ...guard, state: 'BulkSenderRequirements' },
      ],
      ['PolicyCompliant=False/BulkSenderRequirements'],
    ],
  ])('%s', (_what, limits, expected) => {
    expect(words(limits)).toEqual(expected);
  });

  it('are shown with their use, what a person declared first, then the guards by their use', () => {
    const busy = { ...guard, name: 'bulk-sender/example.org', used: 4_000 };
    const { limits } = limitStatus([ofPool, guard, usedUp, busy]);
    expect(sendingPoolKind.status.shape.limits.parse(limits)).toEqual(limits);
    expect(limits?.map(({ name }) => name)).toEqual([
      'pool',
      'gmail.com',
      'bulk-sender/example.org',
      'bulk-sender/example.com',
    ]);
    expect(limits?.[1]).toEqual({
      name: 'gmail.com',
      used: 10,
      recipientsPerDay: 100,
      state: 'RecipientDomainQuotaExhausted',
      nextSlotTime: nextSlot,
    });
    expect(limitStatus([])).toEqual({});
  });

  it('are shown up to a hundred', () => {
    const many = Array.from({ length: 120 }, (_, index) => ({
      ...guard,
      name: `bulk-sender/${index}.example`,
    }));
    expect(limitStatus(many).limits).toHaveLength(100);
  });
});
