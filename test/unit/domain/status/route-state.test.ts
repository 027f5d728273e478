import { describe, expect, it } from 'vitest';
import type { PlanMailbox } from '../../../../controller/api/plan.ts';
import { WEEKDAYS } from '../../../../controller/api/sending-window.ts';
import type { LaneState } from '../../../../controller/domain/ports/lane-ledger.ts';
import type { QuotaUsage, Stop } from '../../../../controller/domain/ports/quota-ledger.ts';
import { routeState } from '../../../../controller/domain/status/route-state.ts';
import { aLaneState, aUsage } from '../../../builders/facts.ts';
import { aPlanEsp, aPlanMailbox } from '../../../builders/plan.ts';

const nowMs = Date.UTC(2026, 10, 24, 9);
const opensMs = Date.UTC(2026, 10, 24, 10);

const lateWindow = {
  timeZone: 'UTC',
  days: [...WEEKDAYS],
  startTime: '10:00',
  endTime: '11:00',
  spread: 'Even' as const,
};
const openWindow = { ...lateWindow, startTime: '08:00' };
const stop: Stop = { kind: 'WindowReset', untilMs: nowMs + 5, text: '550 5.4.5 Daily limit' };

interface Case {
  readonly when: string;
  readonly mailbox?: Partial<PlanMailbox>;
  readonly usage?: Partial<QuotaUsage>;
  readonly lane?: Partial<LaneState>;
  readonly expected: object;
}

const cases: readonly Case[] = [
  { when: 'nothing is known of it', expected: { reason: 'Connected', message: '' } },
  {
    when: 'its quota is free and its lane well',
    mailbox: { sendingWindow: openWindow },
    usage: {},
    lane: { message: 'said before' },
    expected: { reason: 'Connected', message: '' },
  },
  {
    when: 'it is suspended, whatever else',
    mailbox: { suspended: true, blocked: { reason: 'SecretNotFound', message: 'gone' } },
    usage: { stop },
    expected: { reason: 'Suspended', message: 'spec.suspend is true' },
  },
  {
    when: 'it is blocked',
    mailbox: { blocked: { reason: 'SecretNotFound', message: 'gone' } },
    usage: { stop },
    expected: { reason: 'SecretNotFound', message: 'gone' },
  },
  {
    when: 'the provider’s limit stopped it',
    mailbox: { sendingWindow: lateWindow },
    usage: { stop },
    expected: { reason: 'QuotaExceededAtProvider', message: '550 5.4.5 Daily limit', untilMs: nowMs + 5 },
  },
  {
    when: 'its credentials stopped it',
    usage: { stop: { kind: 'CredentialChanges', text: '535' } },
    expected: { reason: 'CredentialsInvalid', message: '535' },
  },
  {
    when: 'a person must look',
    usage: { stop: { kind: 'Human', text: '550 spam' } },
    expected: { reason: 'PolicyBlocked', message: '550 spam' },
  },
  {
    when: 'its domain’s DNS stopped it',
    usage: { stop: { kind: 'DnsVerified', text: '550 5.7.26' } },
    expected: { reason: 'SenderUnauthenticated', message: '550 5.7.26' },
  },
  {
    when: 'its window is closed',
    mailbox: { sendingWindow: lateWindow },
    usage: { used: 100 },
    expected: { reason: 'WindowClosed', message: 'outside its sending window', untilMs: opensMs },
  },
  {
    when: 'its cap is used up',
    usage: { used: 100, nextSlotMs: nowMs + 7 },
    lane: { reason: 'Pacing' },
    expected: {
      reason: 'QuotaExhausted',
      message: 'the cap of the rolling window is used up',
      untilMs: nowMs + 7,
    },
  },
  {
    when: 'its lane is held',
    lane: { reason: 'ConnectionFailed', message: 'no answer', untilMs: nowMs + 1 },
    expected: { reason: 'ConnectionFailed', message: 'no answer', untilMs: nowMs + 1 },
  },
  {
    when: 'its lane is held without an end',
    lane: { reason: 'CredentialsInvalid', message: '535' },
    expected: { reason: 'CredentialsInvalid', message: '535' },
  },
  {
    when: 'the hold of its lane is over',
    lane: { reason: 'ConnectionFailed', message: 'no answer', untilMs: nowMs },
    expected: { reason: 'Connected', message: '' },
  },
];

describe('the state of a mailbox', () => {
  it.each(cases)('when $when', ({ mailbox, usage, lane, expected }) => {
    const state = routeState(
      aPlanMailbox(mailbox),
      {
        ...(usage === undefined ? {} : { usage: aUsage(usage) }),
        ...(lane === undefined ? {} : { lane: aLaneState(lane) }),
      },
      nowMs,
    );
    expect(state).toEqual(expected);
  });
});

describe('the state of an ESP', () => {
  it('knows no window', () => {
    expect(routeState(aPlanEsp(), {}, nowMs).reason).toBe('Connected');
    expect(routeState(aPlanEsp({ suspended: true }), {}, nowMs).reason).toBe('Suspended');
  });
});
