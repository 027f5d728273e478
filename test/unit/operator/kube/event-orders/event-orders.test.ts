import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { aHistory, WatchedLife } from './watched-life.ts';

describe('any history of a collection that is watched', () => {
  it('ends with the cache, its indices, what was told and what was reconciled equal to the collection', async () => {
    await fc.assert(
      fc.asyncProperty(aHistory, ({ isStreaming, first, steps }) =>
        new WatchedLife(isStreaming).live(first, steps),
      ),
      { numRuns: Number(process.env['HISTORIES'] ?? 500), endOnFailure: false },
    );
  });
});
