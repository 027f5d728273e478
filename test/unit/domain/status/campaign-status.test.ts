import { describe, expect, it } from 'vitest';
import { campaignKind } from '../../../../controller/api/campaign.ts';
import type { Problem } from '../../../../controller/domain/compile/problem.ts';
import {
  campaignStatus,
  type CampaignStatusFacts,
} from '../../../../controller/domain/status/campaign-status.ts';
import { aReportCampaign } from '../../../builders/report.ts';
import { aCampaign } from '../../../builders/resource.ts';

const nowMs = Date.UTC(2026, 10, 24, 9);
const object = { kind: 'Campaign', namespace: 'mail', name: 'spring' } as const;

function status(facts: Partial<CampaignStatusFacts> = {}, problems: readonly Problem[] = []) {
  return campaignStatus({ campaign: aCampaign(), ...facts }, { problems, nowMs });
}

function words(found: ReturnType<typeof status>): string[] {
  return (found.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is}/${reason}`);
}

const sending = aReportCampaign({ state: 'Sending', total: 3, pending: 1, delivered: 2 });

describe('the status of a campaign', () => {
  it('that sends counts and says how far it is', () => {
    const report = aReportCampaign({
      ...sending,
      rows: { read: 6, accepted: 3, invalid: 1, duplicate: 2 },
      nextAttempt: '2026-11-24T09:01:00.000Z',
    });
    const found = status({ report, counts: { startedMs: nowMs - 60_000 } });
    expect(campaignKind.status.parse(found)).toEqual(found);
    expect(found).toMatchObject({
      state: 'Sending',
      total: 3,
      pending: 1,
      delivered: 2,
      rejectedRows: { invalid: 1, duplicate: 2 },
      progress: '66%',
      nextAttemptTime: '2026-11-24T09:01:00.000Z',
      startTime: '2026-11-24T08:59:00Z',
    });
    expect(words(found)).toEqual([
      'Ready=True/Sending',
      'AudienceImported=True/AudienceImported',
      'Complete=False/Sending',
    ]);
  });

  describe('while the ledger cannot be read', () => {
    const away = { reason: 'LedgerUnavailable', message: 'the ledger cannot be reached' } as const;
    const lost = { reason: 'LedgerLost', message: 'confirm the loss' } as const;
    const toldBefore = (report: typeof sending) => ({ ...aCampaign(), status: status({ report }) });
    const complete = aReportCampaign({ state: 'Complete', total: 3, delivered: 3 });

    it('keeps what was known of it, and says why nothing newer is told', () => {
      const campaign = toldBefore(sending);
      const found = status({ campaign, outage: away });
      expect(campaignKind.status.parse(found)).toEqual(found);
      expect(found).toMatchObject({ state: 'Sending', delivered: 2, progress: '66%' });
      expect(words(found)).toEqual([
        'Ready=Unknown/LedgerUnavailable',
        'Reconciling=True/LedgerUnavailable',
        'AudienceImported=True/AudienceImported',
        'Complete=False/Sending',
      ]);
    });

    it('does not claim that the audience of a new one is being read', () => {
      expect(words(status({ outage: away }))).toEqual([
        'Ready=Unknown/LedgerUnavailable',
        'Reconciling=True/LedgerUnavailable',
        'AudienceImported=Unknown/LedgerUnavailable',
      ]);
    });

    it('stays complete when it is', () => {
      const campaign = toldBefore(complete);
      expect(status({ campaign, outage: away })).toEqual(campaign.status);
    });

    it('says of a lost ledger that a person must act, also when it was complete', () => {
      const found = status({ campaign: toldBefore(complete), outage: lost });
      expect(words(found).slice(0, 2)).toEqual(['Ready=False/LedgerLost', 'Stalled=True/LedgerLost']);
    });

    it('names a fault of its own first', () => {
      const problem: Problem = {
        object,
        field: 'spec.templateRef.name',
        reason: 'TemplateNotFound',
        message: 'create it',
        severity: 'Error',
      };
      const found = status({ campaign: toldBefore(sending), outage: lost }, [problem]);
      expect(words(found)[0]).toBe('Ready=False/TemplateNotFound');
    });
  });

  it('whose pool wants no senders does not claim to send', () => {
    const found = status({ report: sending, isUnserved: true });
    expect(found.state).toBe('Suspended');
    expect(words(found)).toEqual([
      'Ready=True/Suspended',
      'AudienceImported=True/AudienceImported',
      'Complete=False/Suspended',
    ]);
    expect(found.conditions?.[0]?.message).toBe(
      'spec.senders.replicas of SendingPool outreach is 0: nothing is sent',
    );
  });

  it.each([
    ['a message is still on its way', { ...sending, inFlight: 1 }, 'Sending'],
    ['it is complete', aReportCampaign({ total: 3, delivered: 3 }), 'Complete'],
  ])('whose pool wants no senders tells its own state while %s', (_what, report, state) => {
    expect(status({ report, isUnserved: true }).state).toBe(state);
  });

  it('that no pool has yet is not told to be suspended', () => {
    expect(status({ isUnserved: true })).not.toHaveProperty('state');
  });

  it('with an audience of no use does not claim to read it', () => {
    const problem = {
      object,
      field: 'spec.audience',
      reason: 'AudienceInvalid',
      message: 'no column',
      severity: 'Error',
    } as const;
    const report = aReportCampaign({ state: 'AudienceImporting' });
    const found = status({ report }, [problem]);
    expect(found.state).toBe('AudienceInvalid');
    expect(words(found)).toContain('Complete=False/AudienceInvalid');
    expect(status({ report }).state).toBe('Importing');
  });

  it('that is complete says so and when', () => {
    const report = aReportCampaign({ total: 3, delivered: 3 });
    const found = status({ report, counts: { startedMs: 0, completedMs: nowMs } });
    expect(found).toMatchObject({
      state: 'Complete',
      progress: '100%',
      completionTime: '2026-11-24T09:00:00Z',
    });
    expect(words(found)).toEqual([
      'Ready=True/Complete',
      'AudienceImported=True/AudienceImported',
      'Complete=True/Complete',
    ]);
  });

  it.each([
    ['Complete', '100%'],
    ['AudienceImporting', '0%'],
  ] as const)('without a message is %s at %s', (state, progress) => {
    expect(status({ report: aReportCampaign({ state }) }).progress).toBe(progress);
  });

  it('that imports is reconciling', () => {
    const found = status({ report: aReportCampaign({ state: 'AudienceImporting' }) });
    expect(found.state).toBe('Importing');
    expect(words(found)).toEqual([
      'Ready=Unknown/AudienceImporting',
      'Reconciling=True/AudienceImporting',
      'AudienceImported=Unknown/AudienceImporting',
      'Complete=False/AudienceImporting',
    ]);
  });

  it('of which nothing is known yet is reconciling too', () => {
    const found = status();
    expect(words(found)[0]).toBe('Ready=Unknown/AudienceImporting');
    expect(found).not.toHaveProperty('total');
  });

  it('that waits for quota is well', () => {
    const report = aReportCampaign({ ...sending, state: 'WaitingForQuota', message: '2 QuotaExhausted' });
    const found = status({ report });
    expect(words(found)).toContain('Ready=True/Sending');
    expect(found.conditions?.find(({ type }) => type === 'Complete')?.message).toBe('2 QuotaExhausted');
  });

  it('that is suspended is as it was wanted', () => {
    const report = aReportCampaign({ ...sending, state: 'Suspended' });
    expect(words(status({ report, campaign: aCampaign('spring', { spec: { suspend: true } }) }))[0]).toBe(
      'Ready=True/Suspended',
    );
  });

  it('that missed its deadline stalls', () => {
    const report = aReportCampaign({ ...sending, state: 'DeadlineMissed', message: 'too late' });
    expect(words(status({ report })).slice(0, 2)).toEqual([
      'Ready=False/DeadlineMissed',
      'Stalled=True/DeadlineMissed',
    ]);
  });

  it.each<[Partial<Problem>, string[]]>([
    [
      { field: 'spec.templateRef.name', reason: 'TemplateNotFound' },
      ['Ready=False/TemplateNotFound', 'AudienceImported=True/AudienceImported'],
    ],
    [
      { field: 'spec.audience.configMapRef.name', reason: 'ConfigMapNotFound' },
      ['Ready=False/ConfigMapNotFound', 'AudienceImported=False/ConfigMapNotFound'],
    ],
    [
      { field: 'spec', reason: 'AudienceInvalid' },
      ['Ready=False/AudienceInvalid', 'AudienceImported=False/AudienceInvalid'],
    ],
  ])('with a fault is not ready: %j', (change, expected) => {
    const problem = {
      object,
      field: '',
      reason: 'Invalid',
      message: 'gone',
      severity: 'Error',
      ...change,
    } as const;
    expect(words(status({ report: sending }, [problem as Problem]))).toEqual(
      expect.arrayContaining(expected),
    );
  });

  it('is blocked by its pool’s faults too', () => {
    const blocked = { reason: 'SuppressionListNotFound', message: 'create it' } as const;
    expect(words(status({ report: sending, plan: { blocked } }))[0]).toBe(
      'Ready=False/SuppressionListNotFound',
    );
  });
});
