import { describe, expect, it } from 'vitest';
import { parsePolicy, PolicyInvalid } from '../../../../controller/domain/policy/policy.ts';
import { policyDocument } from '../../../builders/policy.ts';

type Rules = { id: string; match: string }[];

/** The project's document with one change. */
function changed(change: (document: Record<string, never>) => void): unknown {
  const document = policyDocument();
  change(document as Record<string, never>);
  return document;
}

describe('reading policy.yaml', () => {
  it('keeps the order of the rules', () => {
    const rules = (policyDocument() as { smtpRules: Rules }).smtpRules.map((rule) => rule.id);
    expect(parsePolicy(policyDocument()).smtpRules.map((rule) => rule.id)).toEqual(rules);
  });

  it('gives an heir what it does not say itself', () => {
    const trial = parsePolicy(policyDocument()).profiles.get('google-workspace-trial');
    expect(trial?.smtp?.host).toBe('smtp.gmail.com');
    expect(trial?.defaults).toMatchObject({ messagesPerDay: 350, maxConnections: 2 });
    expect(trial).not.toHaveProperty('extends');
  });

  it('knows by which classes of replies a warm-up is held', () => {
    const document = changed(({ warmup }: Record<string, Record<string, Record<string, unknown>>>) => {
      if (warmup?.['signs']) warmup['signs']['softThrottle'] = ['rate_limited'];
    });
    expect([...parsePolicy(document).warmupHolds]).toEqual(['rate_limited']);
  });

  it.each([
    [
      'a document of another version',
      (document: Record<string, unknown>) => (document['schema'] = 'mailpolicy/v2'),
      /schema: /,
    ],
    [
      'a rule id that is used twice',
      (document: { smtpRules: Rules }) => document.smtpRules.push({ ...(document.smtpRules[0] as Rules[0]) }),
      /smtpRules\.too-many-logins: the id is used twice/,
    ],
    [
      'an expression that does not compile',
      (document: { smtpRules: Rules }) => ((document.smtpRules[0] as Rules[0]).match = '('),
      /smtpRules\.too-many-logins\.match: .*Unterminated group/,
    ],
    [
      'a class that does not exist',
      (document: { smtpRules: Record<string, unknown>[] }) => {
        (document.smtpRules[0] as Record<string, unknown>)['class'] = 'bad_luck';
      },
      /smtpRules\.0\.class: /,
    ],
    [
      'a sign that holds a warm-up and is not explained',
      (document: { warmup: { default: { holdOn: string[] } } }) =>
        document.warmup.default.holdOn.push('bounce'),
      /warmup\.default\.holdOn\.2: /,
    ],
    [
      'replies that are counted towards a flag without a name',
      (document: { smtpRules: { mailbox?: Record<string, unknown> }[] }) =>
        delete document.smtpRules[0]?.mailbox?.['flag'],
      /smtpRules\.0\.mailbox: .*give it a flag/,
    ],
    [
      'an heir of nobody',
      (document: { profiles: Record<string, { extends?: string }> }) => {
        document.profiles['smtp'] = { extends: 'nobody' };
      },
      /profiles\.smtp\.extends: names the profile nobody, which does not exist/,
    ],
    [
      'heirs in a circle',
      (document: { profiles: Record<string, { extends?: string }> }) => {
        document.profiles['smtp'] = { extends: 'smtp' };
      },
      /profiles\.smtp\.extends: goes round in a circle at smtp/,
    ],
    [
      'a provider without a profile',
      (document: { profiles: Record<string, unknown> }) => delete document.profiles['sendgrid'],
      /profiles\.sendgrid: is missing; provider SendGrid needs it/,
    ],
    [
      'no word about unnamed client errors',
      (document: { clientErrors: Record<string, unknown> }) => delete document.clientErrors['other'],
      /clientErrors\.other: is missing/,
    ],
  ])('refuses %s', (_what, change, message) => {
    const read = () => parsePolicy(changed(change as (document: Record<string, never>) => void));
    expect(read).toThrow(PolicyInvalid);
    expect(read).toThrow(message);
  });
});
