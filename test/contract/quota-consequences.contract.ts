import { describe, expect, it } from 'vitest';
import type { MailboxConsequence } from '../../controller/api/policy-document.ts';
import type { Stop } from '../../controller/domain/ports/quota-ledger.ts';
import { aDayLimit, aReserveRequest } from '../builders/quota.ts';
import type { LedgerHandle } from './ledger-setup.ts';
import { denial, grant } from './quota-answers.ts';

const HOUR = 3_600_000;
const request = aReserveRequest();

export function describeConsequences(handle: LedgerHandle): void {
  const apply = (
    consequence: MailboxConsequence,
    reply: { text?: string; minStopMs?: number; limits?: typeof request.limits } = {},
  ): Promise<Stop | undefined> =>
    handle.ledger.quota.applyConsequence(request.subject, consequence, {
      text: 'the reply',
      minStopMs: HOUR,
      limits: request.limits,
      ...reply,
    });
  const usage = async (limits = request.limits) => {
    const [found] = await handle.ledger.quota.usage([{ subject: request.subject, limits }]);
    if (found === undefined) throw new Error('usage answered nothing');
    return found;
  };

  describe('usage', () => {
    it('of a subject that was never used is nothing of its cap', async () => {
      expect(await usage()).toEqual({
        subject: request.subject,
        used: 0,
        cap: 100,
        flags: [],
        throttleFactor: 1,
      });
    });

    it('answers one by one, in the order of the question', async () => {
      await grant(handle.ledger.quota, aReserveRequest({ recipients: 100 }));
      const other = aReserveRequest({ subject: 'esp:mail/relay', limits: [] });
      const [anna, relay] = await handle.ledger.quota.usage([request, other]);
      expect(anna).toMatchObject({ subject: request.subject, used: 100 });
      expect(anna?.nextSlotMs).toBeGreaterThan(await handle.ledger.now());
      expect(relay).toMatchObject({
        subject: 'esp:mail/relay',
        used: 0,
        cap: Number.MAX_SAFE_INTEGER,
      });
    });
  });

  describe('a stop', () => {
    it.each([
      ['untilHuman', 'Human'],
      ['untilCredentialChanges', 'CredentialChanges'],
      ['untilDnsVerified', 'DnsVerified'],
    ] as const)('%s holds until it is lifted by its kind', async (stop, kind) => {
      const { quota } = handle.ledger;
      expect(await apply({ stop })).toEqual({ kind, text: 'the reply' });
      const answer = await denial(quota, request);
      expect(answer).toMatchObject({ reason: 'Stopped', used: 0 });
      expect(answer.retryAtMs).toBeUndefined();
      expect((await usage()).stop).toEqual({ kind, text: 'the reply' });
      await quota.resume(request.subject, ['WindowReset']);
      await denial(quota, request);
      await quota.resume(request.subject, ['WindowReset', kind]);
      await grant(quota, request);
      expect((await usage()).stop).toBeUndefined();
    });

    it('untilWindowReset learns the limit and ends by itself when the oldest usage has left', async () => {
      const { quota } = handle.ledger;
      const limits = [aDayLimit({ windowMs: 600 })];
      const short = aReserveRequest({ recipients: 30, limits });
      const before = await handle.ledger.now();
      await grant(quota, short);
      const stop = await apply({ stop: 'untilWindowReset' }, { minStopMs: 0, limits });
      expect(stop).toMatchObject({ kind: 'WindowReset', text: 'the reply' });
      expect(stop?.untilMs).toBeGreaterThanOrEqual(before + 600);
      expect(await denial(quota, short)).toMatchObject({
        reason: 'QuotaExceededAtProvider',
        retryAtMs: stop?.untilMs,
        used: 30,
      });
      expect(await usage(limits)).toMatchObject({ used: 30, cap: 30, learnedLimit: 30 });
      await handle.reach(stop?.untilMs ?? 0);
      expect((await grant(quota, short)).used).toBe(30);
    });

    it('untilWindowReset lasts at least as long as the policy says', async () => {
      const before = await handle.ledger.now();
      const limits = [aDayLimit({ windowMs: 600 })];
      const stop = await apply({ stop: 'untilWindowReset' }, { minStopMs: HOUR, limits });
      expect(stop?.untilMs).toBeGreaterThanOrEqual(before + HOUR);
    });

    it('untilWindowReset forgets the learned limit after a window, or when a person lifts it', async () => {
      const { quota } = handle.ledger;
      const limits = [aDayLimit({ windowMs: 600 })];
      await grant(quota, aReserveRequest({ recipients: 30, limits }));
      await apply({ stop: 'untilWindowReset' }, { limits });
      const learnedAtMs = await handle.ledger.now();
      expect((await usage(limits)).learnedLimit).toBe(30);
      await handle.reach(learnedAtMs + 600);
      expect((await usage(limits)).learnedLimit).toBeUndefined();
      await apply({ stop: 'untilWindowReset' }, { limits });
      await quota.resume(request.subject, ['WindowReset']);
      expect(await usage(limits)).toMatchObject({ cap: 100 });
      expect((await usage(limits)).learnedLimit).toBeUndefined();
    });

    it('is not replaced by a lighter one', async () => {
      await apply({ stop: 'untilHuman' }, { text: '550 5.7.0 denied' });
      const now = await apply({ stop: 'untilWindowReset' }, { text: '550 5.4.5 quota' });
      expect(now).toEqual({ kind: 'Human', text: '550 5.7.0 denied' });
    });

    it('is replaced by a graver one', async () => {
      await apply({ stop: 'untilWindowReset' });
      await apply({ stop: 'untilCredentialChanges' });
      expect((await apply({ stop: 'untilHuman' }))?.kind).toBe('Human');
    });
  });

  describe('a throttle of connections', () => {
    it('is told with every grant, whoever asks, and never by more than before', async () => {
      const { quota } = handle.ledger;
      expect((await grant(quota, request)).maxConnections).toBeUndefined();
      expect((await usage()).maxConnections).toBeUndefined();
      await apply({ throttle: { maxConnections: 1 } });
      await apply({ throttle: { maxConnections: 3 } });
      expect((await grant(quota, request)).maxConnections).toBe(1);
      expect(await usage()).toMatchObject({ maxConnections: 1, throttleFactor: 1 });
    });

    it('ends a day after the last such reply', async () => {
      const { quota } = handle.ledger;
      const limits = [aDayLimit({ windowMs: 600 })];
      await apply({ throttle: { maxConnections: 2 } }, { limits });
      const toldAtMs = await handle.ledger.now();
      await handle.reach(toldAtMs + 600);
      expect((await grant(quota, aReserveRequest({ limits }))).maxConnections).toBeUndefined();
    });
  });

  describe('a flag', () => {
    it('is raised at once, and shown sorted by name', async () => {
      await apply({ flag: 'QuotaExceeded' });
      await apply({ flag: 'PolicyBlock' });
      expect((await usage()).flags).toEqual(['PolicyBlock', 'QuotaExceeded']);
    });

    it('is raised only after as many replies as the policy says', async () => {
      const rule = { flag: 'AuthThrottle', flagAfter: 3 };
      await apply(rule);
      await apply(rule);
      expect((await usage()).flags).toEqual([]);
      await apply(rule);
      expect((await usage()).flags).toEqual(['AuthThrottle']);
    });

    it('stops the mailbox for a person after as many replies as the policy says', async () => {
      const rule = { flag: 'PolicyBlock', stopAfter: 2 };
      expect(await apply(rule)).toBeUndefined();
      expect((await apply(rule))?.kind).toBe('Human');
      expect((await denial(handle.ledger.quota, request)).reason).toBe('Stopped');
    });

    it('begins to count anew when a person lifts the stop', async () => {
      const rule = { flag: 'PolicyBlock', stopAfter: 2 };
      await apply(rule);
      await apply(rule);
      await handle.ledger.quota.resume(request.subject, ['Human']);
      expect((await usage()).flags).toEqual([]);
      expect(await apply(rule)).toBeUndefined();
    });

    it('falls a day after the last reply that fed it; so does a throttle', async () => {
      const limits = [aDayLimit({ windowMs: 800 })];
      await apply({ flag: 'PolicyBlock', throttle: { factor: 0.5 } }, { limits });
      const fedAtMs = await handle.ledger.now();
      expect(await usage(limits)).toMatchObject({ flags: ['PolicyBlock'], throttleFactor: 0.5 });
      await handle.reach(fedAtMs + 800);
      expect(await usage(limits)).toMatchObject({ flags: [], throttleFactor: 1 });
    });
  });
}
