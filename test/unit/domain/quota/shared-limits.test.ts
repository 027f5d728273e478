import { describe, expect, it } from 'vitest';
import {
  exhaustionText,
  sharedLimitLookup,
  sharedLimitName,
  sharedReservation,
  volumeText,
} from '../../../../controller/domain/quota/shared-limits.ts';
import { aSharedLimit } from '../../../builders/plan.ts';

const ofPool = aSharedLimit({ kind: 'Pool', quotaSubject: 'pool', recipientDomains: [] });
const gmail = aSharedLimit({ quotaSubject: 'gmail' });
const corp = aSharedLimit({ quotaSubject: 'corp', recipientDomains: ['corp.example'] });
const guardOf = (senderDomain: string, mode: 'Refuse' | 'Warn' | 'Count' = 'Refuse') =>
  aSharedLimit({
    kind: 'BulkSender',
    quotaSubject: senderDomain,
    senderDomain,
    guard: { warnAt: 4_000, mode },
  });

const subjects = (from: string, recipient: string): string[] =>
  sharedLimitLookup([ofPool, gmail, corp, guardOf('example.com'), guardOf('example.org')])({
    from,
    recipient,
  }).map(({ quotaSubject }) => quotaSubject);

describe('a message counts', () => {
  it.each([
    ['in the pool’s limit alone, when its domain has none', 'anna@example.com', 'r@posteo.de', ['pool']],
    ['at its recipient’s domain', 'anna@example.com', 'r@corp.example', ['pool', 'corp']],
    ['at the domain above it', 'anna@example.com', 'r@eu.Corp.example', ['pool', 'corp']],
    ['not at a domain that only ends the same', 'anna@example.com', 'r@incorp.example', ['pool']],
    [
      'at Gmail in the guard of its From',
      'anna@example.com',
      'r@gmail.com',
      ['pool', 'gmail', 'example.com'],
    ],
    [
      'by the other name of Gmail too',
      'anna@example.com',
      'r@googlemail.com',
      ['pool', 'gmail', 'example.com'],
    ],
    [
      'by the organisation of its From',
      'news@mail.example.org',
      'r@gmail.com',
      ['pool', 'gmail', 'example.org'],
    ],
    ['in no guard that is not its own', 'anna@example.net', 'r@gmail.com', ['pool', 'gmail']],
    ['nowhere but in the pool when it has no domain', 'anna@example.com', 'nobody', ['pool']],
  ])('%s', (_what, from, recipient, expected) => {
    expect(subjects(from, recipient)).toEqual(expected);
  });

  it('nowhere when nothing is limited', () => {
    expect(sharedLimitLookup([])({ from: 'a@example.com', recipient: 'r@gmail.com' })).toEqual([]);
  });
});

describe('what is reserved', () => {
  it('is one recipient within the limits', () => {
    expect(sharedReservation(gmail)).toEqual({
      subject: 'gmail',
      recipients: 1,
      limits: gmail.limits,
      minIntervalMs: 0,
      jitterMs: 0,
    });
    expect(sharedReservation(guardOf('example.com')).limits).toEqual(gmail.limits);
  });

  it.each(['Warn', 'Count'] as const)('never denies a guard that says %s, but counts in it', (mode) => {
    const [day] = sharedReservation(guardOf('example.com', mode)).limits;
    expect(day).toEqual({ name: 'Day', windowMs: 86_400_000, recipients: Number.MAX_SAFE_INTEGER });
  });
});

describe('a shared limit in words', () => {
  it('has a name that a person knows', () => {
    expect([ofPool, gmail, guardOf('example.com')].map(sharedLimitName)).toEqual([
      'pool',
      'gmail.com',
      'bulk-sender/example.com',
    ]);
  });

  it('has its numbers, but not that of a day that only counts', () => {
    const hour = { name: 'Hour', windowMs: 3_600_000, recipients: 20 } as const;
    const counted = { name: 'Day', windowMs: 86_400_000, recipients: Number.MAX_SAFE_INTEGER } as const;
    expect(volumeText(aSharedLimit({ limits: [...gmail.limits, hour] }))).toBe(
      '100 recipients per day, 20 recipients per hour',
    );
    expect(volumeText(aSharedLimit({ limits: [counted, hour] }))).toBe('20 recipients per hour');
  });

  it.each([
    [ofPool, /all routes of the pool.*100 recipients per day \(spec\.limits\)/],
    [gmail, /to gmail\.com is used up: 100 recipients per day \(spec\.recipientDomainLimits\)/],
    [guardOf('example.com'), /^example\.com has sent to gmail\.com and googlemail\.com.*requirementsMet/],
  ])('says why messages wait and what to do', (limit, words) => {
    expect(exhaustionText(limit)).toMatch(words);
  });
});
