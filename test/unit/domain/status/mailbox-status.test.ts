import { describe, expect, it } from 'vitest';
import { mailboxKind } from '../../../../controller/api/mailbox.ts';
import type { MailboxStatus } from '../../../../controller/api/mailbox.ts';
import type { PlanMailbox } from '../../../../controller/api/plan.ts';
import type { Mailbox } from '../../../../controller/api/resource.ts';
import type { Problem } from '../../../../controller/domain/compile/problem.ts';
import { mailboxStatus, type MailboxFacts } from '../../../../controller/domain/status/mailbox-status.ts';
import { aLaneState, aUsage, routeCounters } from '../../../builders/facts.ts';
import { aPlanMailbox } from '../../../builders/plan.ts';
import { aMailbox } from '../../../builders/resource.ts';

const nowMs = Date.UTC(2026, 10, 24, 9);

function status(facts: Partial<MailboxFacts> = {}, problems: readonly Problem[] = []): MailboxStatus {
  return mailboxStatus({ mailbox: aMailbox(), ...facts }, { problems, nowMs });
}

function placed(route: Partial<PlanMailbox> = {}) {
  return { pool: 'outreach', route: aPlanMailbox(route) };
}

/** `Ready=True/Succeeded`, one per condition. */
function words(found: MailboxStatus): string[] {
  return (found.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is}/${reason}`);
}

const secretMissing: Problem = {
  object: { kind: 'Mailbox', namespace: 'mail', name: 'anna' },
  field: 'spec.auth.appPassword.secretRef.name',
  reason: 'SecretNotFound',
  message: 'Secret anna-login does not exist',
  severity: 'Error',
};

describe('the status of a mailbox', () => {
  it('that sends is complete and fits its schema', () => {
    const mailbox: Mailbox = aMailbox('anna', { metadata: { generation: 3 } });
    const found = status({
      mailbox,
      placement: placed(),
      usage: aUsage({ learnedLimit: 90, nextSlotMs: nowMs + 60_000, flags: ['PolicyBlock'] }),
      lane: aLaneState(),
      counters: routeCounters({
        sent: 5,
        deferred: 2,
        failed: 1,
        lastReply: { text: `550 5.1.1 ${'x'.repeat(700)}`, timeMs: nowMs },
      }),
    });
    expect(mailboxKind.status.parse(found)).toEqual(found);
    expect(found).toMatchObject({
      observedGeneration: 3,
      state: 'Ready',
      pool: 'outreach',
      quota: {
        recipientsPerDay: 100,
        used: 10,
        usage: '10/100',
        learnedLimit: 90,
        nextSlotTime: '2026-11-24T09:01:00Z',
      },
      delivered: 5,
      deferred: 2,
      failed: 1,
      lastReplyTime: '2026-11-24T09:00:00Z',
      flags: ['PolicyBlock'],
    });
    expect(found.lastReply).toHaveLength(600);
    expect(words(found)).toEqual([
      'Ready=True/Succeeded',
      'Authenticated=True/Connected',
      'QuotaAvailable=True/QuotaAvailable',
      'PolicyCompliant=True/Succeeded',
    ]);
  });

  it('says what its ramp allows today, and that it is held', () => {
    const warmup = { recipientsPerDay: 26, growsAtMs: nowMs + 120_000, heldUntilMs: nowMs + 60_000 };
    const found = status({ placement: placed(), usage: aUsage({ warmup }) });
    expect(mailboxKind.status.parse(found).warmup).toEqual({
      recipientsPerDay: 26,
      held: true,
      heldUntilTime: '2026-11-24T09:01:00Z',
      nextGrowthTime: '2026-11-24T09:02:00Z',
    });
    const { heldUntilMs: _none, ...free } = warmup;
    expect(status({ placement: placed(), usage: aUsage({ warmup: free }) }).warmup).toEqual({
      recipientsPerDay: 26,
      held: false,
      nextGrowthTime: '2026-11-24T09:02:00Z',
    });
  });

  it('whose pool wants no senders waits for no login, and says why nothing is sent', () => {
    const found = status({ placement: { ...placed(), isUnserved: true } });
    expect(found.state).toBe('Suspended');
    expect(found.conditions?.[0]).toMatchObject({
      type: 'Ready',
      status: 'True',
      reason: 'Suspended',
      message: 'spec.senders.replicas of SendingPool outreach is 0: nothing is sent',
    });
    expect(words(found)).not.toContain('Authenticated=Unknown/SendersStarting');
    const blocked = { reason: 'SecretNotFound', message: 'gone' } as const;
    expect(status({ placement: { ...placed({ blocked }), isUnserved: true } }).state).toBe('SecretNotFound');
  });

  it('shows little of a mailbox that did nothing yet', () => {
    const found = status({ placement: placed(), usage: aUsage(), counters: routeCounters() });
    expect(found.quota).toEqual({ recipientsPerDay: 100, used: 10, usage: '10/100' });
    expect(found).not.toHaveProperty('lastReply');
  });

  it.each<[string, Partial<MailboxFacts>, readonly Problem[], string[]]>([
    [
      'in no pool is ready and says so',
      {},
      [],
      ['Ready=True/Succeeded', 'QuotaAvailable=True/QuotaAvailable', 'PolicyCompliant=True/Succeeded'],
    ],
    [
      'without a sender is not known to log in',
      { placement: placed() },
      [],
      [
        'Ready=Unknown/SendersStarting',
        'Reconciling=True/SendersStarting',
        'Authenticated=Unknown/SendersStarting',
      ],
    ],
    [
      'without its Secret waits for it',
      { placement: placed({ blocked: { reason: 'SecretNotFound', message: 'gone' } }) },
      [secretMissing],
      ['Ready=False/SecretNotFound', 'Reconciling=True/SecretNotFound', 'Authenticated=False/SecretNotFound'],
    ],
    [
      'with wrong credentials stalls',
      { placement: placed(), lane: aLaneState({ reason: 'CredentialsInvalid', message: '535' }) },
      [],
      [
        'Ready=False/CredentialsInvalid',
        'Stalled=True/CredentialsInvalid',
        'Authenticated=False/CredentialsInvalid',
      ],
    ],
    [
      'without quota is ready all the same',
      { placement: placed(), usage: aUsage({ used: 100 }), lane: aLaneState() },
      [],
      ['Ready=True/Succeeded', 'QuotaAvailable=False/QuotaExhausted'],
    ],
    [
      'stopped for its reputation stalls',
      {
        placement: placed(),
        usage: aUsage({ stop: { kind: 'Human', text: '550 spam' } }),
        lane: aLaneState(),
      },
      [],
      ['Ready=False/PolicyBlocked', 'Stalled=True/PolicyBlocked', 'PolicyCompliant=False/PolicyBlocked'],
    ],
    [
      'that a pool may not use stalls',
      { placement: placed({ blocked: { reason: 'ConsumerAccountsPooled', message: 'one only' } }) },
      [],
      ['Ready=False/ConsumerAccountsPooled', 'PolicyCompliant=False/ConsumerAccountsPooled'],
    ],
    [
      'without a connection is not ready for now',
      { placement: placed(), lane: aLaneState({ reason: 'ConnectionFailed', message: 'no answer' }) },
      [],
      ['Ready=False/ConnectionFailed', 'Reconciling=True/ConnectionFailed', 'Authenticated=True/Connected'],
    ],
    [
      'that is suspended is as it was wanted',
      { placement: placed({ suspended: true }) },
      [],
      ['Ready=True/Suspended', 'PolicyCompliant=True/Succeeded'],
    ],
  ])('%s', (_sentence, facts, problems, expected) => {
    expect(words(status(facts, problems))).toEqual(expect.arrayContaining(expected));
  });

  it('keeps what its last login showed while its lane goes from one sender to another', () => {
    const mailbox = aMailbox('anna', { metadata: { generation: 3 } });
    const held = { ...mailbox, status: status({ mailbox, placement: placed(), lane: aLaneState() }) };
    const told = words(held.status);
    expect(words(status({ mailbox: held, placement: placed() }))).toEqual(told);
    const usedUp = status({ mailbox: held, placement: placed(), usage: aUsage({ used: 100 }) });
    expect(words(usedUp)).toContain('Authenticated=True/Connected');
  });

  it('waits for a login after what may have changed its way in, and forgets one that nobody may repeat', () => {
    const mailbox = aMailbox('anna', { metadata: { generation: 3 } });
    const before = status({ mailbox, placement: placed(), lane: aLaneState() });
    const edited = { ...aMailbox('anna', { metadata: { generation: 4 } }), status: before };
    expect(words(status({ mailbox: edited, placement: placed() }))[0]).toBe('Ready=Unknown/SendersStarting');
    const held = { ...mailbox, status: before };
    const loginless = [
      status({ mailbox: held }),
      status({ mailbox: held, placement: placed({ suspended: true }) }),
      status({ mailbox: held, placement: { ...placed(), isUnserved: true } }),
    ];
    for (const found of loginless) expect(words(found).join()).not.toContain('Authenticated');
    const refused = {
      ...mailbox,
      status: status({
        mailbox,
        placement: placed(),
        lane: aLaneState({ reason: 'CredentialsInvalid', message: '535' }),
      }),
    };
    expect(words(status({ mailbox: refused, placement: placed() }))[0]).toBe('Ready=Unknown/SendersStarting');
  });

  it('hears nothing of the faults of others and of mere warnings', () => {
    const others: Problem[] = [
      { ...secretMissing, object: { ...secretMissing.object, name: 'ben' } },
      { ...secretMissing, object: { ...secretMissing.object, namespace: 'other' } },
      { ...secretMissing, object: { ...secretMissing.object, kind: 'Template' } },
      { ...secretMissing, severity: 'Warning' },
    ];
    expect(words(status({}, others))[0]).toBe('Ready=True/Succeeded');
  });

  it('names the field at fault', () => {
    expect(status({}, [secretMissing]).conditions?.[0]?.message).toBe(
      'spec.auth.appPassword.secretRef.name: Secret anna-login does not exist',
    );
  });

  it('says the reason as state while it does not send', () => {
    const lane = aLaneState({ reason: 'Pacing', untilMs: nowMs + 5 });
    expect(status({ placement: placed(), lane }).state).toBe('Pacing');
    expect(status()).not.toHaveProperty('state');
  });

  it('does not change while nothing changes', () => {
    const facts = { placement: placed(), usage: aUsage(), lane: aLaneState() };
    const first = status(facts);
    const mailbox: Mailbox = { ...aMailbox(), status: first };
    const later = mailboxStatus({ ...facts, mailbox }, { problems: [], nowMs: nowMs + 3_600_000 });
    expect(later).toEqual(first);
  });
});
