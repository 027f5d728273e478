import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { anElection, ElectionLife } from './election-life.ts';

describe('replicas whose clocks differ by hours, are set, and whose ways to the API server are cut', () => {
  it('have one leader at most at any moment, and one as soon as things are calm', async () => {
    await fc.assert(
      fc.asyncProperty(anElection, ({ aheadMs, steps }) => new ElectionLife(aheadMs).live(steps)),
      { numRuns: Number(process.env['HISTORIES'] ?? 40) },
    );
  });
});
