import { describe, expect, it } from 'vitest';
import { applyConsequence, resume } from '../../../../controller/domain/quota/consequence.ts';
import { reserve } from '../../../../controller/domain/quota/reserve.ts';
import { usage } from '../../../../controller/domain/quota/usage.ts';
import { aDayLimit, aReserveRequest } from '../../../builders/quota.ts';
import { UNUSED } from './reserving.ts';

/** A subject that was never used; usage leaves without a margin. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const reply = { text: 'the reply', minStopMs: HOUR, limits: [aDayLimit()] };
const seen = (state: typeof UNUSED, nowMs: number) =>
  usage(state, 'mailbox:anna@example.com', { limits: reply.limits }, nowMs);

describe('a stop until the window resets', () => {
  const used = reserve(UNUSED, aReserveRequest({ recipients: 30 }), 0).state;

  it('lasts until the oldest counted slot leaves, and learns the limit', () => {
    const stopped = applyConsequence(used, { stop: 'untilWindowReset' }, reply, 2 * HOUR);
    expect(stopped.stop).toEqual({ kind: 'WindowReset', untilMs: DAY + 300_000, text: 'the reply' });
    expect(stopped.learned).toEqual({ recipients: 30, untilMs: 2 * HOUR + DAY });
    expect(seen(stopped, 3 * HOUR)).toMatchObject({ cap: 30, learnedLimit: 30, nextSlotMs: DAY + 300_000 });
  });

  it('lasts at least as long as the policy says', () => {
    const late = applyConsequence(used, { stop: 'untilWindowReset' }, reply, DAY);
    expect(late.stop?.untilMs).toBe(DAY + HOUR);
    const unused = applyConsequence(UNUSED, { stop: 'untilWindowReset' }, reply, 5);
    expect(unused.stop?.untilMs).toBe(5 + HOUR);
  });

  it('holds the learned limit for one window after the refusal', () => {
    const stopped = applyConsequence(used, { stop: 'untilWindowReset' }, reply, 2 * HOUR);
    const ask = aReserveRequest({ recipients: 31 });
    expect(reserve(stopped, ask, DAY + HOUR).answer).toEqual({
      granted: false,
      reason: 'QuotaExhausted',
      retryAtMs: 2 * HOUR + DAY,
      used: 0,
    });
    expect(reserve(stopped, ask, 2 * HOUR + DAY).answer.granted).toBe(true);
  });

  it('learns nothing for a subject without a limit of a day', () => {
    const stopped = applyConsequence(used, { stop: 'untilWindowReset' }, { ...reply, limits: [] }, 7);
    expect(stopped.learned).toBeUndefined();
    expect(stopped.stop?.untilMs).toBe(7 + HOUR);
  });
});

describe('stops', () => {
  it.each([
    ['untilCredentialChanges', 'CredentialChanges'],
    ['untilHuman', 'Human'],
    ['untilDnsVerified', 'DnsVerified'],
  ] as const)('%s has no end by time', (stop, kind) => {
    expect(applyConsequence(UNUSED, { stop }, reply, 0).stop).toEqual({ kind, text: 'the reply' });
  });

  it('are not replaced by a lighter one, but by a graver one', () => {
    const credential = applyConsequence(UNUSED, { stop: 'untilCredentialChanges' }, reply, 0);
    expect(applyConsequence(credential, { stop: 'untilWindowReset' }, reply, 0).stop?.kind).toBe(
      'CredentialChanges',
    );
    expect(applyConsequence(credential, { stop: 'untilHuman' }, reply, 0).stop?.kind).toBe('Human');
  });

  it('of the same kind keep the longer one, and the latest text', () => {
    const long = applyConsequence(UNUSED, { stop: 'untilWindowReset' }, { ...reply, minStopMs: 9 * HOUR }, 0);
    expect(applyConsequence(long, { stop: 'untilWindowReset' }, reply, 1).stop?.untilMs).toBe(9 * HOUR);
    const person = applyConsequence(UNUSED, { stop: 'untilHuman' }, reply, 0);
    expect(applyConsequence(person, { stop: 'untilHuman' }, { ...reply, text: 'later' }, 1).stop?.text).toBe(
      'later',
    );
  });
});

describe('a hold of the warm-up', () => {
  const warmup = { startRecipientsPerDay: 20, growthPercentPerDay: 50 };

  it('lasts for its day of the ramp, beside whatever else follows', () => {
    const begun = reserve(UNUSED, aReserveRequest({ warmup }), HOUR).state;
    const consequence = { holdsWarmup: true, throttle: { factor: 0.5 } } as const;
    const held = applyConsequence(begun, consequence, { ...reply, warmup }, 3 * HOUR);
    expect(held.rampHold).toEqual({ days: 1, untilMs: HOUR + DAY });
    expect(held.throttle?.factor).toBe(0.5);
    expect(resume(held, ['Human'], 4 * HOUR).rampHold).toEqual(held.rampHold);
  });

  it('means nothing to a mailbox without a warm-up, and other replies mean nothing to the ramp', () => {
    expect(applyConsequence(UNUSED, { holdsWarmup: true }, reply, 0).rampHold).toBeUndefined();
    expect(applyConsequence(UNUSED, { flag: 'X' }, { ...reply, warmup }, 0).rampHold).toBeUndefined();
  });
});

describe('a throttle', () => {
  it('slows down for a day after the last such reply, never by less than before', () => {
    const quarter = applyConsequence(UNUSED, { throttle: { factor: 0.25 } }, reply, 0);
    const half = applyConsequence(quarter, { throttle: { factor: 0.5 } }, reply, HOUR);
    expect(seen(half, 2 * HOUR).throttleFactor).toBe(0.25);
    expect(seen(half, DAY).throttleFactor).toBe(0.25);
    expect(seen(half, HOUR + DAY).throttleFactor).toBe(1);
  });

  it('of connections only leaves the pace alone', () => {
    const state = applyConsequence(UNUSED, { throttle: { maxConnections: 1 } }, reply, 0);
    expect(seen(state, 0).throttleFactor).toBe(1);
  });
});

describe('a flag', () => {
  it('is raised at once, and falls a day after the last such reply', () => {
    const state = applyConsequence(UNUSED, { flag: 'PolicyBlock' }, { ...reply, limits: [] }, 0);
    expect(seen(state, DAY - 1).flags).toEqual(['PolicyBlock']);
    expect(seen(state, DAY).flags).toEqual([]);
  });

  it('is raised only after as many replies in a day as the policy says', () => {
    const rule = { flag: 'AuthThrottle', flagAfter: 3 };
    const twice = [0, HOUR].reduce((state, at) => applyConsequence(state, rule, reply, at), UNUSED);
    expect(seen(twice, HOUR).flags).toEqual([]);
    expect(seen(applyConsequence(twice, rule, reply, 2 * HOUR), 2 * HOUR).flags).toEqual(['AuthThrottle']);
    expect(seen(applyConsequence(twice, rule, reply, DAY), DAY).flags).toEqual([]);
  });

  it('stays raised while another rule that waits for more replies feeds it', () => {
    const raised = applyConsequence(UNUSED, { flag: 'PolicyBlock' }, reply, 0);
    const fed = applyConsequence(raised, { flag: 'PolicyBlock', flagAfter: 5 }, reply, 1);
    expect(seen(fed, 2).flags).toEqual(['PolicyBlock']);
  });

  it('stops the mailbox for a person after as many replies in a day as the policy says', () => {
    const rule = { flag: 'PolicyBlock', stopAfter: 2 };
    const once = applyConsequence(UNUSED, rule, reply, 0);
    expect(once.stop).toBeUndefined();
    expect(applyConsequence(once, rule, reply, DAY).stop).toBeUndefined();
    expect(applyConsequence(once, rule, reply, DAY - 1).stop?.kind).toBe('Human');
  });
});

describe('resuming', () => {
  it('lifts a stop of the given kinds only', () => {
    const stopped = applyConsequence(UNUSED, { stop: 'untilHuman' }, reply, 0);
    expect(resume(stopped, ['CredentialChanges'], 1).stop?.kind).toBe('Human');
    expect(resume(stopped, ['CredentialChanges', 'Human'], 1).stop).toBeUndefined();
    expect(resume(UNUSED, ['Human'], 1)).toEqual({ ...UNUSED, seenMs: 1 });
  });

  it('begins the counters of the flags anew', () => {
    const rule = { flag: 'PolicyBlock', stopAfter: 2 };
    const stopped = [0, 1].reduce((state, at) => applyConsequence(state, rule, reply, at), UNUSED);
    const resumed = resume(stopped, ['Human'], 2);
    expect(seen(resumed, 2).flags).toEqual([]);
    expect(applyConsequence(resumed, rule, reply, 3).stop).toBeUndefined();
  });

  it('forgets the learned limit with the stop that learned it', () => {
    const stopped = applyConsequence(UNUSED, { stop: 'untilWindowReset', flag: 'QuotaExceeded' }, reply, 0);
    const resumed = resume(stopped, ['WindowReset'], 1);
    expect(seen(resumed, 1)).toMatchObject({ cap: 100, flags: ['QuotaExceeded'] });
    expect(seen(resumed, 1).learnedLimit).toBeUndefined();
  });
});
