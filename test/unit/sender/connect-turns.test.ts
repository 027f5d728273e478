import { describe, expect, it } from 'vitest';
import { ConnectTurns, MOST_CONNECTING } from '../../../controller/sender/connect-turns.ts';

const GMAIL = 'smtp.gmail.com:587';

/** Asks for so many connections to the service; each is open when it is told so. */
function connections(turns: ConnectTurns, count: number, service = GMAIL) {
  const begun: number[] = [];
  const opening = Array.from({ length: count }, () => Promise.withResolvers<void>());
  const all = opening.map(({ promise }, index) =>
    turns.take(service, () => {
      begun.push(index);
      return promise;
    }),
  );
  return { begun, opening, all };
}

/** What is due already has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('connections that a sender opens', () => {
  it('are opened to one service a few at a time, in the order in which they are asked for', async () => {
    const turns = new ConnectTurns();
    const { begun, opening } = connections(turns, MOST_CONNECTING + 3);
    expect(begun).toHaveLength(MOST_CONNECTING);
    opening[5]?.resolve();
    opening[7]?.resolve();
    await settled();
    expect(begun.slice(MOST_CONNECTING)).toEqual([MOST_CONNECTING, MOST_CONNECTING + 1]);
  });

  it('do not wait for those to another service', () => {
    const turns = new ConnectTurns();
    connections(turns, MOST_CONNECTING);
    expect(connections(turns, 1, 'smtp.office365.com:587').begun).toEqual([0]);
  });

  it('let the next one begin when one of them fails, too', async () => {
    const turns = new ConnectTurns();
    const { begun, opening, all } = connections(turns, MOST_CONNECTING + 1);
    opening[0]?.reject(new Error('refused'));
    await expect(all[0]).rejects.toThrow('refused');
    expect(begun).toContain(MOST_CONNECTING);
  });

  it('leave a turn free when nobody waits', async () => {
    const turns = new ConnectTurns();
    const { opening, all } = connections(turns, MOST_CONNECTING);
    expect(turns.areTaken(GMAIL)).toBe(true);
    opening[0]?.resolve();
    await all[0];
    expect(turns.areTaken(GMAIL)).toBe(false);
  });
});
