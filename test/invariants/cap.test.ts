import { describe, expect, it } from 'vitest';
import { aDelivery, anEvidence } from '../builders/evidence.ts';
import { aWireTransaction } from '../builders/wire.ts';
import { capViolations, sharedCapViolations } from './cap.ts';
import type { SharedCap } from './evidence.ts';

const ANNA = 'anna@example.com';

function sentAt(...timesMs: number[]) {
  return timesMs.map((timeMs, row) => aDelivery(row, timeMs).seen);
}

describe('the cap', () => {
  it('is kept by as many recipients as it allows', () => {
    expect(capViolations(anEvidence())).toEqual([]);
  });

  it('is broken by one more within the window, wherever the window begins', () => {
    const wireLog = sentAt(30_000, 59_000, 61_000, 89_999);
    const [violation, ...more] = capViolations(anEvidence({ wireLog }));
    expect(more).toEqual([]);
    expect(violation?.text).toMatch(
      /^anna@example\.com named 4 recipients in the 60000 ms before .*; its cap was 3\.$/,
    );
  });

  it('is kept by one that comes exactly a window later', () => {
    expect(capViolations(anEvidence({ wireLog: sentAt(30_000, 59_000, 61_000, 90_000) }))).toEqual([]);
  });

  it('is broken in every window that holds too many, whatever the order of the log', () => {
    const wireLog = sentAt(0, 1, 2, 3, 4).toReversed();
    expect(capViolations(anEvidence({ wireLog }))).toHaveLength(2);
  });

  it('counts recipients, refused ones too, not messages', () => {
    const rcpts = ['a@example.net', 'b@example.net', 'c@example.net', 'd@example.net'];
    const refused = aWireTransaction({ rcpts, acceptedRcpts: [], accepted: false });
    expect(capViolations(anEvidence({ wireLog: [refused] }))).toHaveLength(1);
  });

  it('does not count refused logins', () => {
    const logins = sentAt(1, 2, 3, 4).map((seen) => ({ ...seen, kind: 'Login' as const }));
    expect(capViolations(anEvidence({ wireLog: logins }))).toEqual([]);
  });

  it('is counted per account, and only for accounts that have one', () => {
    const wireLog = [
      ...sentAt(1, 2, 3),
      ...sentAt(1, 2, 3, 4).map((seen) => ({ ...seen, account: 'ben@example.com' })),
    ];
    expect(capViolations(anEvidence({ wireLog }))).toEqual([]);
    const caps = [
      { account: ANNA, recipients: 3 },
      { account: 'ben@example.com', recipients: 3 },
    ];
    expect(capViolations(anEvidence({ wireLog, caps }))).toHaveLength(1);
  });

  it('follows edits: the old cap counts until the slack after them has passed', () => {
    const caps = [
      { account: ANNA, recipients: 2, fromMs: 50_000 },
      { account: ANNA, recipients: 3 },
    ];
    expect(capViolations(anEvidence({ wireLog: sentAt(1, 2, 50_900), caps }))).toEqual([]);
    expect(capViolations(anEvidence({ wireLog: sentAt(1, 2, 51_001), caps }))).toHaveLength(1);
    const raised = [
      { account: ANNA, recipients: 2 },
      { account: ANNA, recipients: 3, fromMs: 50_000 },
    ];
    expect(capViolations(anEvidence({ wireLog: sentAt(1, 2, 50_000), caps: raised }))).toEqual([]);
    expect(capViolations(anEvidence({ wireLog: sentAt(1, 2, 49_999), caps: raised }))).toHaveLength(1);
  });

  it('does not exist before its beginning', () => {
    const caps = [{ account: ANNA, recipients: 0, fromMs: 50_000 }];
    expect(capViolations(anEvidence({ wireLog: sentAt(1, 2), caps }))).toEqual([]);
  });
});

describe('a cap that accounts share', () => {
  const from = (account: string, domain: string, ...timesMs: number[]) =>
    sentAt(...timesMs).map((seen) => ({ ...seen, account, from: account, rcpts: [`r@${domain}`] }));
  const violations = (cap: Partial<SharedCap>, wireLog = from(ANNA, 'gmail.com', 1, 2, 3)) =>
    sharedCapViolations(
      anEvidence({ wireLog, sharedCaps: [{ name: 'shared', recipients: 2, windowMs: 60_000, ...cap }] }),
    );

  it('is broken by what two accounts send together within the window', () => {
    const both = [...from(ANNA, 'gmail.com', 1, 30_000), ...from('ben@example.com', 'gmail.com', 59_000)];
    expect(violations({}, both)[0]?.text).toMatch(/^shared named 3 recipients in the 60000 ms before/);
    const later = [...from(ANNA, 'gmail.com', 1, 30_000), ...from('ben@example.com', 'gmail.com', 60_001)];
    expect(violations({}, later)).toEqual([]);
  });

  it.each<[string, Partial<SharedCap>, number]>([
    ['accounts that it names', { accounts: [ANNA] }, 1],
    ['accounts that it names, not others', { accounts: ['ben@example.com'] }, 0],
    ['recipients at its domains', { domains: ['posteo.de', 'gmail.com'] }, 1],
    ['recipients at its domains, not elsewhere', { domains: ['mail.com'] }, 0],
    ['what its From domain sends', { senderDomain: 'example.com' }, 1],
    ['what its From domain sends, not others', { senderDomain: 'example.org' }, 0],
  ])('counts %s', (_what, cap, broken) => {
    expect(violations(cap)).toHaveLength(broken);
  });

  it('counts subdomains too', () => {
    expect(violations({ domains: ['example'] }, from(ANNA, 'eu.example', 1, 2, 3))).toHaveLength(1);
  });
});
