import { describe, expect, it } from 'vitest';
import type { SandboxConfigInput } from '../../../controller/api/sandbox-config.ts';
import { sandboxConfigSchema } from '../../../controller/api/sandbox-config.ts';
import { percentilePosition, RecipientScript } from '../../../controller/sandbox/recipient-script.ts';

type Rules = NonNullable<SandboxConfigInput['recipients']>;

function script(rules: Rules, seed = 'seed'): RecipientScript {
  return new RecipientScript(sandboxConfigSchema.parse({ recipients: rules }).recipients, seed);
}

function behaviourOf(script: RecipientScript, recipient: string | undefined, sender = 'anna@example.com') {
  return script.next({ service: 'Submission', sender, recipient })?.behaviour;
}

const manyRecipients = Array.from({ length: 3_000 }, (_, index) => `person${index}@example.net`);

describe('RecipientScript', () => {
  it.each([
    [{ address: 'Gone@Example.net' }, 'gone@example.NET', true],
    [{ address: 'gone@example.net' }, 'gone2@example.net', false],
    [{ localPart: 'bounce-*' }, 'BOUNCE-17@example.net', true],
    [{ localPart: 'bounce-*' }, 'no-bounce-17@example.net', false],
    [{ localPart: '*.(x)*' }, 'a.(x)b@example.net', true],
    [{ localPart: 'a.b' }, 'axb@example.net', false],
    [{ localPart: 'a*', domain: 'example.net' }, 'anna@example.net', true],
    [{ localPart: 'a*', domain: 'example.net' }, 'anna@example.org', false],
    [{ domain: 'xn--bcher-kva.example' }, 'a@XN--BCHER-KVA.example', true],
    [{ sender: 'anna@example.com' }, 'x@example.net', true],
    [{ sender: 'bob@example.com' }, 'x@example.net', false],
    [{ percent: 100 }, 'x@example.net', true],
    [{ percent: 0 }, 'x@example.net', false],
    [{ localPart: '"john doe"' }, '"john doe"@example.net', true],
  ])('matches %j with %s: %s', (match, recipient, isHit) => {
    expect(behaviourOf(script([{ match, behaviour: 'Unknown' }]), recipient)).toBe(
      isHit ? 'Unknown' : undefined,
    );
  });

  it('takes the first rule that fits', () => {
    const rules = script([
      { match: { address: 'a@example.net' }, behaviour: 'Full' },
      { match: { domain: 'example.net' }, behaviour: 'Unknown' },
    ]);
    expect(behaviourOf(rules, 'a@example.net')).toBe('Full');
    expect(behaviourOf(rules, 'b@example.net')).toBe('Unknown');
  });

  it('keeps a rule of one service away from the other', () => {
    const rules = script([{ match: { domain: 'example.net' }, service: 'Relay', behaviour: 'Unknown' }]);
    expect(behaviourOf(rules, 'a@example.net')).toBeUndefined();
    expect(rules.next({ service: 'Relay', sender: '', recipient: 'a@example.net' })?.behaviour).toBe(
      'Unknown',
    );
  });

  it('lets an address through after its number of times, each address by itself', () => {
    const rules = script([{ match: { domain: 'example.net' }, behaviour: 'Full', times: 2 }]);
    const attempts = ['a@example.net', 'A@example.net', 'a@example.net', 'b@example.net'];
    expect(attempts.map((recipient) => behaviourOf(rules, recipient))).toEqual([
      'Full',
      'Full',
      undefined,
      'Full',
    ]);
  });

  it('greylists the first attempt unless told otherwise', () => {
    const rules = script([{ match: { domain: 'example.net' }, behaviour: 'Greylist' }]);
    expect([1, 2].map(() => behaviourOf(rules, 'a@example.net'))).toEqual(['Greylist', undefined]);
  });

  it('asks for MAIL FROM only the rules that are meant for it', () => {
    const rules = script([
      { match: { sender: 'anna@example.com' }, behaviour: 'DisconnectInMail', times: 1 },
      { match: { sender: 'anna@example.com' }, behaviour: 'Unknown' },
    ]);
    expect(behaviourOf(rules, undefined)).toBe('DisconnectInMail');
    expect(behaviourOf(rules, undefined)).toBeUndefined();
    expect(behaviourOf(rules, 'a@example.net')).toBe('Unknown');
  });
});

describe('a percentage of recipients', () => {
  const rules: Rules = [
    { match: { percent: 5 }, behaviour: 'Unknown' },
    { match: { percent: 3 }, behaviour: 'Full' },
  ];

  function hits(script: RecipientScript, behaviour: string): string[] {
    return manyRecipients.filter((recipient) => behaviourOf(script, recipient) === behaviour);
  }

  it('hits that share, the second one in full too', () => {
    const shares = ['Unknown', 'Full'].map(
      (behaviour) => hits(script(rules), behaviour).length / manyRecipients.length,
    );
    expect(shares[0]).toSatisfy((share: number) => share > 0.04 && share < 0.06);
    expect(shares[1]).toSatisfy((share: number) => share > 0.02 && share < 0.04);
  });

  it('hits the same recipients in every attempt and every run of the same seed, others with another seed', () => {
    const first = hits(script(rules), 'Unknown');
    expect(hits(script(rules), 'Unknown')).toEqual(first);
    expect(hits(script(rules, 'another'), 'Unknown')).not.toEqual(first);
  });

  it('does not mind upper and lower case', () => {
    expect(percentilePosition('seed', 'A@Example.NET')).toBe(percentilePosition('seed', 'a@example.net'));
  });

  it('starts again from the beginning when percentages add up to more than 100', () => {
    const rules = script([
      { match: { localPart: 'a*', percent: 80 }, behaviour: 'Unknown' },
      { match: { localPart: 'person*', percent: 60 }, behaviour: 'Full' },
    ]);
    expect(hits(rules, 'Full').length / manyRecipients.length).toBeCloseTo(0.6, 1);
  });
});
