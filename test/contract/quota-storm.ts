import { aDayLimit, aReserveRequest } from '../builders/quota.ts';
import type { LedgerHandle } from './ledger-setup.ts';

export interface Storm {
  readonly subject: string;
  readonly windowMs: number;
  readonly cap: number;
  readonly callers: number;
  /** How many windows it lasts. */
  readonly windows: number;
}

/** A recipient that was granted at some time between `fromMs` and `toMs`. */
export interface Grant {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Reserves for many callers at once; each asks again as soon as it may. Some take a reservation back, which then does not count. */
export async function sendAsFastAsPossible(handle: LedgerHandle, storm: Storm): Promise<Grant[]> {
  const { quota } = handle.ledger;
  const request = aReserveRequest({
    subject: storm.subject,
    limits: [aDayLimit({ windowMs: storm.windowMs, recipients: storm.cap })],
  });
  const endMs = (await handle.ledger.now()) + storm.windows * storm.windowMs;
  const grants: Grant[] = [];
  const caller = async (_: unknown, index: number): Promise<void> => {
    for (let turn = index, fromMs = 0; fromMs < endMs; turn += 1) {
      fromMs = await handle.ledger.now();
      const answer = await quota.reserve(request);
      const toMs = await handle.ledger.now();
      if (!answer.granted) await handle.reach(Math.min(answer.retryAtMs ?? endMs, endMs));
      else if (turn % 7 === 0) await quota.release(answer.reservation);
      else grants.push({ fromMs, toMs });
    }
  };
  await Promise.all(Array.from({ length: storm.callers }, caller));
  return grants;
}

/** Windows that certainly held more than the cap: from a grant on, those whose whole span lies within the window. */
export function overCap(
  grants: readonly Grant[],
  { windowMs, cap }: Storm,
): { fromMs: number; count: number }[] {
  return grants
    .map(({ fromMs }) => {
      const within = grants.filter((grant) => grant.fromMs >= fromMs && grant.toMs < fromMs + windowMs);
      return { fromMs, count: within.length };
    })
    .filter(({ count }) => count > cap);
}
