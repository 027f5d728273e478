import { describe, expect, it } from 'vitest';
import { LedgerLost, LedgerUnavailable } from '../../../controller/domain/ports/ledger.ts';
import { untilRecorded } from '../../../controller/sender/outage.ts';

/** What is repeated when calls end so one after the other, and what was said of it. */
async function repeat(ends: readonly (Error | 'Ok')[], abandoned = new AbortController().signal) {
  const repeated = new Set<object>();
  const most: number[] = [];
  const left = [...ends];
  const answer = await untilRecorded(
    async () => {
      const end = left.shift() ?? 'Ok';
      if (end instanceof Error) throw end;
      return end;
    },
    {
      clock: { now: () => 0, monotonic: () => 0, sleep: async () => undefined },
      random: () => 0,
      abandoned,
      onOutage: (_error, call) => {
        repeated.add(call);
        most.push(repeated.size);
      },
      onOutageOver: (call) => repeated.delete(call),
    },
  ).catch((error: unknown) => error);
  return { answer, most, left: left.length, repeated: repeated.size };
}

const AWAY = new LedgerUnavailable('no answer');
const LOST = new LedgerLost('wiped');

describe('what must be written down', () => {
  it('is repeated until it is, and counts as one call that fails until then', async () => {
    expect(await repeat([AWAY, AWAY, 'Ok'])).toEqual({ answer: 'Ok', most: [1, 1], left: 0, repeated: 0 });
  });

  it('is given up when the ledger is lost', async () => {
    expect(await repeat([AWAY, LOST])).toEqual({ answer: LOST, most: [1], left: 0, repeated: 0 });
  });

  it('is tried a last time when the drain has reached its limit', async () => {
    expect(await repeat([AWAY, 'Ok'], AbortSignal.abort())).toEqual({
      answer: AWAY,
      most: [],
      left: 1,
      repeated: 0,
    });
  });
});
