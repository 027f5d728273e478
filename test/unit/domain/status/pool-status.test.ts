import { describe, expect, it } from 'vitest';
import type { SendingPoolSpec } from '../../../../controller/api/sending-pool.ts';
import { sendingPoolKind } from '../../../../controller/api/sending-pool.ts';
import type { Problem } from '../../../../controller/domain/compile/problem.ts';
import { poolStatus, type PoolStatusFacts } from '../../../../controller/domain/status/pool-status.ts';
import { routeCounters } from '../../../builders/facts.ts';
import { aReportCampaign, aReportMailbox, aReportPool, aReportRoute } from '../../../builders/report.ts';
import { aPool } from '../../../builders/resource.ts';

const nowMs = Date.UTC(2026, 10, 24, 9);
const durable = { reason: 'LedgerDurable', message: 'appendonly is yes' } as const;
const object = { kind: 'SendingPool', namespace: 'mail', name: 'outreach' } as const;

function status(
  facts: Partial<PoolStatusFacts> = {},
  spec: Partial<SendingPoolSpec> = {},
  problems: Problem[] = [],
) {
  const pool = aPool('outreach', { spec });
  const senders = { replicas: 1, ready: 1, selector: 'app=mailers' };
  return poolStatus({ pool, senders, ledger: durable, ...facts }, { problems, nowMs });
}

function words(found: ReturnType<typeof status>): string[] {
  return (found.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is}/${reason}`);
}

describe('the status of a pool', () => {
  it('names the Secret without which no sender pod starts, until pods run', () => {
    const senders = { replicas: 1, ready: 0, selector: 'app=mailers', missingSecret: 'mailers-redis' };
    const found = status({ senders });
    expect(words(found)).toContain('Ready=False/SecretNotFound');
    expect(found.conditions?.[0]?.message).toContain('Secret mailers-redis does not exist in namespace');
    expect(words(status({ senders: { ...senders, ready: 1 } }))).toContain('Ready=True/Succeeded');
  });

  it('adds up what its routes and campaigns did', () => {
    const report = aReportPool({
      routes: [aReportRoute({ sent: 5 }), aReportRoute({ route: 'esp/relay', sent: 3, overflow: 3 })],
      mailboxes: [
        aReportMailbox({ used: 5 }),
        aReportMailbox({ name: 'ben', used: 50, cap: 50, state: 'QuotaExhausted' }),
        aReportMailbox({ name: 'cleo', state: 'Pacing' }),
      ],
      campaigns: [
        aReportCampaign({ failed: 1, suppressed: 2, uncertain: 3 }),
        aReportCampaign({ failed: 10, suppressed: 20, uncertain: 30 }),
      ],
    });
    const found = status({ report, plan: { revision: 'abc' } });
    expect(sendingPoolKind.status.parse(found)).toEqual(found);
    expect(found).toMatchObject({
      replicas: 1,
      readyReplicas: 1,
      selector: 'app=mailers',
      mailboxes: 3,
      readyMailboxes: 2,
      usage: '55/250',
      delivered: 8,
      overflow: 3,
      suppressed: 22,
      failed: 11,
      uncertain: 33,
      planRevision: 'abc',
    });
    expect(words(found)).toEqual([
      'Ready=True/Succeeded',
      'PolicyCompliant=True/Succeeded',
      'MailboxesResolved=True/Succeeded',
      'SendersAvailable=True/SendersReady',
      'LedgerDurable=True/LedgerDurable',
    ]);
  });

  it('is unknown while no sender pod is ready', () => {
    const senders = { replicas: 1, ready: 0, selector: '' };
    expect(words(status({ senders })).slice(0, 2)).toEqual([
      'Ready=Unknown/SendersStarting',
      'Reconciling=True/SendersStarting',
    ]);
  });

  it('is well with no sender pod when none is wanted', () => {
    const senders = { replicas: 0, ready: 0, selector: '' };
    const found = status({ senders }, { senders: { replicas: 0, isolation: 'Shared' } });
    expect(words(found)).toEqual(
      expect.arrayContaining(['Ready=True/Suspended', 'SendersAvailable=True/Suspended']),
    );
  });

  it('says what the API server refuses, although earlier pods still run', () => {
    const refusal =
      'the API server refuses what the pool asks for: limits.memory must be above requests.memory';
    const found = status({ senders: { replicas: 1, ready: 1, selector: '', refusal } });
    expect(words(found)).toEqual(
      expect.arrayContaining([
        'Ready=False/Invalid',
        'Stalled=True/Invalid',
        'SendersAvailable=False/Invalid',
      ]),
    );
    expect(found.conditions?.[0]?.message).toBe(refusal);
  });

  it('goes on counting what routes sent that were taken out of it', () => {
    const report = aReportPool({ routes: [aReportRoute({ sent: 5 })] });
    const counters = [
      routeCounters({ sent: 5 }),
      routeCounters({ route: 'mailbox/gone', sent: 7, overflow: 2 }),
    ];
    expect(status({ report, counters })).toMatchObject({ delivered: 12, overflow: 2 });
  });

  it('tells that it selects no mailbox, which is well beside a provider', () => {
    const empty: Problem = {
      object,
      field: 'spec.mailboxes',
      reason: 'MailboxesEmpty',
      message: 'none',
      severity: 'Warning',
    };
    const elsewhere: Problem = { ...empty, object: { ...object, name: 'other' } };
    expect(words(status({}, {}, [elsewhere, empty]))).toEqual(
      expect.arrayContaining(['Ready=True/Succeeded', 'MailboxesResolved=True/MailboxesEmpty']),
    );
    expect(words(status({}, {}, [elsewhere]))).toContain('MailboxesResolved=True/Succeeded');
  });

  it('is well while it is suspended, and says so', () => {
    expect(words(status({}, { suspend: true }))[0]).toBe('Ready=True/Suspended');
  });

  it('warns of a ledger that could lose data without being unready', () => {
    const ledger = { reason: 'LedgerNotDurable', message: 'set appendonly to yes' } as const;
    expect(words(status({ ledger }))).toEqual(
      expect.arrayContaining(['Ready=True/Succeeded', 'LedgerDurable=False/LedgerNotDurable']),
    );
  });

  it('is not known to be ready without its ledger', () => {
    const senders = { replicas: 1, ready: 1, selector: '' };
    const found = poolStatus({ pool: aPool(), senders }, { problems: [], nowMs });
    expect(words(found)[0]).toBe('Ready=Unknown/LedgerUnavailable');
    expect(found).not.toHaveProperty('usage');
  });

  it.each<[Problem['reason'], string[]]>([
    ['MailboxNotFound', ['Ready=False/MailboxNotFound', 'MailboxesResolved=False/MailboxNotFound']],
    ['ProviderNotFound', ['Ready=False/ProviderNotFound', 'MailboxesResolved=False/ProviderNotFound']],
    ['SecretNotFound', ['Ready=False/SecretNotFound', 'MailboxesResolved=True/Succeeded']],
  ])('with %s is not as declared', (reason, expected) => {
    const problem: Problem = { object, field: 'spec', reason, message: 'gone', severity: 'Error' };
    expect(words(status({}, {}, [problem]))).toEqual(expect.arrayContaining(expected));
  });
});
