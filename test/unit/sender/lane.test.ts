import { describe, expect, it } from 'vitest';
import { Lane } from '../../../controller/sender/lane.ts';
import type { RouteConnection } from '../../../controller/domain/ports/route.ts';
import { aPlanMailbox } from '../../builders/plan.ts';

/** A lane, and the connections that it opened with whether they are closed. */
function aLane() {
  const opened: { isClosed: boolean }[] = [];
  const connect = () => {
    const state = { isClosed: false };
    opened.push(state);
    const connection: RouteConnection = {
      isUsable: true,
      send: () => Promise.reject(new Error('nothing is sent here')),
      close: () => {
        state.isClosed = true;
        return Promise.resolve();
      },
    };
    return Promise.resolve({ connected: true, connection } as const);
  };
  const lane = new Lane(aPlanMailbox(), 1, () =>
    Promise.resolve({ ok: true, route: { connect }, version: 'v1' } as const),
  );
  return { lane, opened };
}

async function taken(lane: Lane): Promise<RouteConnection> {
  const answer = await lane.take();
  if (answer.kind !== 'Connection') throw new Error(`the lane answered ${answer.kind}`);
  return answer.connection;
}

describe('a connection that is given back to its lane', () => {
  it('is used for the next message', async () => {
    const { lane, opened } = aLane();
    const first = await taken(lane);
    await lane.giveBack(first);
    expect(await taken(lane)).toBe(first);
    expect(opened).toEqual([{ isClosed: false }]);
  });

  it('is closed when the lane was given up meanwhile', async () => {
    const { lane, opened } = aLane();
    const connection = await taken(lane);
    await lane.close();
    expect(opened).toEqual([{ isClosed: false }]);
    await lane.giveBack(connection);
    expect(opened).toEqual([{ isClosed: true }]);
  });

  it('is closed when it was opened after the lane was given up', async () => {
    const { lane, opened } = aLane();
    await lane.close();
    await lane.giveBack(await taken(lane));
    expect(opened).toEqual([{ isClosed: true }]);
  });

  it('is closed when endpoint or login were declared anew meanwhile', async () => {
    const { lane, opened } = aLane();
    const connection = await taken(lane);
    await lane.update({ ...lane.plan, endpoint: { ...lane.plan.endpoint, port: 2525 } });
    await lane.giveBack(connection);
    expect(opened).toEqual([{ isClosed: true }]);
    await lane.giveBack(await taken(lane));
    expect(opened).toEqual([{ isClosed: true }, { isClosed: false }]);
  });
});
