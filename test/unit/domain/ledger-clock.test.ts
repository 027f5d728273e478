import { describe, expect, it } from 'vitest';
import { LedgerClock } from '../../../controller/domain/ledger-clock.ts';

/** A clock of the ledger that is asked at `askedAt`; the answer `nowMs` comes at `answeredAt`. */
async function asked(...answers: readonly { askedAt: number; nowMs: number; answeredAt: number }[]) {
  let time = 0;
  const clock = new LedgerClock({ now: () => 77, monotonic: () => time, sleep: () => Promise.resolve() });
  for (const { askedAt, nowMs, answeredAt } of answers) {
    time = askedAt;
    await clock.ask(
      async () => {
        time = answeredAt;
        return nowMs;
      },
      (answer) => answer,
    );
  }
  return clock.now();
}

describe("the ledger's clock", () => {
  it("is the machine's before the first answer", async () => {
    expect(await asked()).toBe(77);
  });

  it('takes the first answer as it is', async () => {
    expect(await asked({ askedAt: 10, nowMs: 5_000, answeredAt: 12 })).toBe(5_000);
  });

  it('is not set back by an answer that was long on its way', async () => {
    const first = { askedAt: 10, nowMs: 5_000, answeredAt: 10 };
    expect(await asked(first, { askedAt: 1_010, nowMs: 6_000, answeredAt: 16_010 })).toBe(21_000);
  });

  it('is not set forward by a question that was long on its way', async () => {
    const first = { askedAt: 10, nowMs: 5_000, answeredAt: 10 };
    expect(await asked(first, { askedAt: 1_010, nowMs: 21_000, answeredAt: 16_010 })).toBe(21_000);
  });

  it("follows the ledger's clock as far as an answer proves that it differs", async () => {
    const first = { askedAt: 10, nowMs: 5_000, answeredAt: 10 };
    expect(await asked(first, { askedAt: 1_010, nowMs: 7_000, answeredAt: 1_012 })).toBe(7_000);
    expect(await asked(first, { askedAt: 1_010, nowMs: 5_500, answeredAt: 1_012 })).toBe(5_502);
  });

  it('tells by how much it was set back', async () => {
    const told: number[] = [];
    let nowMs = 3_600_000;
    const time = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() };
    const clock = new LedgerClock(time);
    clock.onSetBack((setBackMs) => told.push(setBackMs));
    const ask = () =>
      clock.ask(
        async () => nowMs,
        (answer) => answer,
      );
    await ask();
    nowMs += 60_000;
    await ask();
    nowMs -= 3_600_000;
    await ask();
    expect(told).toEqual([3_600_000]);
  });
});
