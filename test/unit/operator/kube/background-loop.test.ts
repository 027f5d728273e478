import { describe, expect, it } from 'vitest';
import { BackgroundLoop } from '../../../../controller/operator/kube/background-loop.ts';
import { ManualClock } from './manual-clock.ts';

describe('a loop in the background', () => {
  it('pauses for as long as each turn says, and ends with the turn that is under way', async () => {
    const clock = new ManualClock();
    const turnsAtMs: number[] = [];
    const lasting = Promise.withResolvers<void>();
    const loop = new BackgroundLoop(clock, async () => {
      turnsAtMs.push(clock.monotonic());
      if (turnsAtMs.length === 3) await lasting.promise;
      return turnsAtMs.length * 100;
    });
    loop.start();
    await clock.advance(1_000);
    expect(turnsAtMs).toEqual([0, 100, 300]);
    let hasEnded = false;
    const stopped = loop.stop().then(() => (hasEnded = true));
    await clock.advance(1_000);
    expect(hasEnded).toBe(false);
    lasting.resolve();
    await stopped;
    expect(turnsAtMs).toHaveLength(3);
  });
});
