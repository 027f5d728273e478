import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLedgerModel } from '../../../controller/domain/ledger-model/ledger-model.ts';
import type { Ledger } from '../../../controller/domain/ports/ledger.ts';
import type { QuotaLedger } from '../../../controller/domain/ports/quota-ledger.ts';
import type { LedgerHandle } from '../../contract/ledger-setup.ts';
import { HISTORY_SHAPE, aHistory } from '../../contract/quota-histories.ts';
import { firstDifference } from '../../contract/quota-history-run.ts';
import { overCap } from '../../contract/quota-storm.ts';

/** A ledger whose quotas are the model's but for one fault. */
function faulty(fault: (quota: QuotaLedger) => Partial<QuotaLedger>, shape = HISTORY_SHAPE): LedgerHandle {
  let nowMs = 1_800_000_000_000;
  const model = createLedgerModel({ now: () => nowMs, sleep: async () => undefined, quotaShape: shape });
  const ledger: Ledger = { ...model, quota: { ...model.quota, ...fault(model.quota) } };
  const reach = async (timeMs: number): Promise<void> => {
    nowMs = Math.max(nowMs, timeMs);
  };
  return { ledger, reach, pass: (ms) => reach(nowMs + ms) };
}

/** Lives random histories until one of them shows a difference. */
async function isNoticed(handle: LedgerHandle, numRuns = 300): Promise<boolean> {
  let lived = 0;
  const result = await fc.check(
    fc.asyncProperty(aHistory, async (history) => {
      lived += 1;
      return (await firstDifference(handle, history, `mailbox:${lived}`)) === undefined;
    }),
    { numRuns, endOnFailure: true, seed: 1 },
  );
  return result.failed;
}

describe('random quota histories', () => {
  it('find nothing in a ledger without a fault', async () => {
    expect(
      await isNoticed(
        faulty(() => ({})),
        50,
      ),
    ).toBe(false);
  });

  const faults: Record<string, (quota: QuotaLedger) => Partial<QuotaLedger>> = {
    'that never releases': () => ({ release: async () => undefined }),
    'that forgets consequences': () => ({ applyConsequence: async () => undefined }),
    'that never resumes': () => ({ resume: async () => undefined }),
    'that resumes whatever was stopped': (quota) => ({
      resume: (subject) =>
        quota.resume(subject, ['WindowReset', 'CredentialChanges', 'DnsVerified', 'Human']),
    }),
    'that ignores the warm-up': (quota) => ({
      reserve: ({ warmup: _ignored, ...request }) => quota.reserve(request),
    }),
    'that does not spread an allowance': (quota) => ({
      reserve: ({ spreadUntilMs: _ignored, ...request }) => quota.reserve(request),
    }),
    'that forgets how many connections are left': (quota) => ({
      applyConsequence: (subject, { throttle, ...consequence }, reply) => {
        const { maxConnections: _forgotten, ...rate } = throttle ?? {};
        return quota.applyConsequence(subject, { ...consequence, throttle: rate }, reply);
      },
    }),
    'that never holds the warm-up': (quota) => ({
      applyConsequence: (subject, { holdsWarmup: _ignored, ...consequence }, reply) =>
        quota.applyConsequence(subject, consequence, reply),
    }),
    'that ignores the second limit': (quota) => ({
      reserve: (request) => quota.reserve({ ...request, limits: request.limits.slice(0, 1) }),
    }),
    'that ignores pacing': (quota) => ({
      reserve: (request) => quota.reserve({ ...request, minIntervalMs: 0, jitterMs: 0 }),
    }),
    'that counts one recipient too few': (quota) => ({
      reserve: (request) => quota.reserve({ ...request, recipients: Math.max(1, request.recipients - 1) }),
    }),
  };
  it.each(Object.entries(faults))('find a ledger %s', async (_name, fault) => {
    expect(await isNoticed(faulty(fault))).toBe(true);
  });

  it('find a ledger that frees usage a slot too early', async () => {
    const early = { ...HISTORY_SHAPE, marginMs: HISTORY_SHAPE.marginMs - 50 };
    expect(await isNoticed(faulty(() => ({}), early))).toBe(true);
  });
});

describe('the cap under many callers', () => {
  const storm = { subject: 'mailbox:storm', windowMs: 100, cap: 2, callers: 1, windows: 1 };

  it('is broken by more grants than fit into one window', () => {
    const grants = [0, 50, 99].map((timeMs) => ({ fromMs: timeMs, toMs: timeMs }));
    expect(overCap(grants, storm)).toEqual([{ fromMs: 0, count: 3 }]);
  });

  it('is not broken by grants that may have been a window apart', () => {
    const grants = [
      { fromMs: 0, toMs: 5 },
      { fromMs: 50, toMs: 51 },
      { fromMs: 99, toMs: 101 },
    ];
    expect(overCap(grants, storm)).toEqual([]);
  });
});
