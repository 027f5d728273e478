import { describe, expect, it } from 'vitest';
import { anUncertainRecord } from '../builders/attempt.ts';
import { aDelivery, anEvidence } from '../builders/evidence.ts';
import { repetitionViolations } from './nothing-twice.ts';

const first = aDelivery(0, 1_000);
const again = { ...first.seen, id: 2, timeMs: 2_000 };

describe('nothing twice', () => {
  it('is kept by distinct messages', () => {
    expect(repetitionViolations(anEvidence())).toEqual([]);
  });

  it('is broken by a message that was accepted twice, also without any record of it', () => {
    const [violation] = repetitionViolations(anEvidence({ wireLog: [first.seen, again], attempts: [] }));
    expect(violation?.text).toMatch(/^spring\.0\.0@example\.com was accepted by transaction 1 .* again by/);
  });

  it('is kept by a message that was accepted once and refused before', () => {
    const refused = { ...first.seen, accepted: false, reply: '450 4.2.1 later' };
    expect(repetitionViolations(anEvidence({ wireLog: [refused, again] }))).toEqual([]);
  });

  it('is broken by two messages of a step to one recipient, in whatever spelling', () => {
    const one = aDelivery(0, 1_000);
    const two = aDelivery(1, 2_000);
    const wireLog = [
      { ...one.seen, acceptedRcpts: ['ri.ta@gmail.com'] },
      { ...two.seen, acceptedRcpts: ['RITA+x@googlemail.com'] },
    ];
    const attempts = [one.record, two.record];
    expect(repetitionViolations(anEvidence({ wireLog, attempts }))).toEqual([
      { invariant: 'NothingTwice', text: expect.stringContaining('mail/spring, step 0, rita@gmail.com') },
    ]);
    const nextStep = [one.record, { ...two.record, step: 1 }];
    expect(repetitionViolations(anEvidence({ wireLog, attempts: nextStep }))).toEqual([]);
  });

  it('is broken by another try of a message whose end is unknown', () => {
    const lost = { ...first.seen, accepted: false, reply: '' };
    const attempts = [anUncertainRecord({ timeMs: 1_010, messageId: lost.messageId }), first.record];
    const evidence = anEvidence({ wireLog: [lost, again], attempts });
    expect(repetitionViolations(evidence)).toEqual([
      { invariant: 'NothingTwice', text: expect.stringMatching(/although the message was Uncertain since/) },
    ]);
    expect(repetitionViolations({ ...evidence, resolvedMessageIds: [lost.messageId] })).toEqual([]);
    expect(repetitionViolations({ ...evidence, mayRetryUncertain: true })).toEqual([]);
    expect(repetitionViolations({ ...evidence, wireLog: [lost] })).toEqual([]);
  });

  it('is kept by another try at an ESP that knows it by its key, and only there', () => {
    const lost = { ...first.seen, account: 'resend-user', accepted: false, reply: '' };
    const taken = { ...again, account: 'resend-user' };
    const uncertain = anUncertainRecord({ timeMs: 1_010, messageId: lost.messageId, route: 'esp/resend' });
    const evidence = anEvidence({
      wireLog: [lost, taken],
      attempts: [uncertain, { ...first.record, route: 'esp/resend', attempt: 2 }],
      loginsOfRoutes: { 'esp/resend': 'resend-user' },
      keyedLogins: ['resend-user'],
    });
    expect(repetitionViolations(evidence)).toEqual([]);
    expect(repetitionViolations({ ...evidence, keyedLogins: [] })).toHaveLength(1);
    const elsewhere = { ...taken, account: 'anna@example.com' };
    expect(repetitionViolations({ ...evidence, wireLog: [lost, elsewhere] })).toHaveLength(1);
  });
});
