import { describe, expect, it } from 'vitest';
import type { AttemptRecord } from '../../controller/api/attempt.ts';
import { aDeferredRecord, anAttemptRecord } from '../builders/attempt.ts';
import { anEvidence } from '../builders/evidence.ts';
import { aReport, aReportMailbox, aReportPool } from '../builders/report.ts';
import { policyViolations } from './policy.ts';

/** A message that one route refused as `class` and that was then delivered by another route. */
function thenBy(route: string, refused: Partial<AttemptRecord>): string[] {
  const attempts = [anAttemptRecord({ attempt: 2, route }), aDeferredRecord({ attempt: 1, ...refused })];
  return policyViolations(anEvidence({ attempts })).map(({ text }) => text);
}

describe('policy', () => {
  it('is kept by a run without refusals', () => {
    expect(policyViolations(anEvidence())).toEqual([]);
  });

  it.each(['policy_block', 'content_rejected', 'sender_auth', 'receiver_policy'] as const)(
    'is broken when a message refused as %s leaves by another route',
    (refusal) => {
      expect(thenBy('esp/relay', { class: refusal })).toEqual([
        `Message mail/outreach/spring/0/0 was refused by mailbox/anna as ${refusal} and then went to esp/relay.`,
      ]);
      expect(thenBy('mailbox/anna', { class: refusal })).toEqual([]);
    },
  );

  it('lets a message that was refused for other reasons leave by another route', () => {
    expect(thenBy('mailbox/ben', { class: 'transient' })).toEqual([]);
  });

  it('lets quota overflow go to an ESP or wait, but not to another mailbox', () => {
    expect(thenBy('esp/relay', { class: 'quota_exceeded' })).toEqual([]);
    expect(thenBy('mailbox/anna', { class: 'quota_exceeded' })).toEqual([]);
    expect(thenBy('mailbox/ben', { class: 'quota_exceeded' })).toHaveLength(1);
    expect(thenBy('mailbox/ben', { class: 'quota_exceeded', route: 'esp/relay' })).toEqual([]);
  });

  it('looks at each message for itself', () => {
    const attempts = [
      aDeferredRecord({ row: 0, class: 'policy_block' }),
      anAttemptRecord({ row: 1, attempt: 2, route: 'esp/relay' }),
    ];
    expect(policyViolations(anEvidence({ attempts }))).toEqual([]);
  });

  it('is broken by a cap above what the provider documents', () => {
    const capped = (cap: number, provider: string) => {
      const mailboxes = [aReportMailbox({ cap, provider })];
      return policyViolations(anEvidence({ report: aReport({ pools: [aReportPool({ mailboxes })] }) }));
    };
    expect(capped(2_000, 'GoogleWorkspace')).toEqual([]);
    expect(capped(2_001, 'GoogleWorkspace')).toEqual([
      { invariant: 'Policy', text: expect.stringMatching(/cap of 2001; GoogleWorkspace allows 2000/) },
    ]);
    expect(capped(50_000, 'SMTP')).toEqual([]);
  });
});
