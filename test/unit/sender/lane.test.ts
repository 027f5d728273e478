import { describe, expect, it } from 'vitest';
import { ConnectTurns, MOST_CONNECTING } from '../../../controller/sender/connect-turns.ts';
import { Lane } from '../../../controller/sender/lane.ts';
import type { Clock } from '../../../controller/domain/ports/clock.ts';
import type { RouteConnection } from '../../../controller/domain/ports/route.ts';
import { WEEKDAYS } from '../../../controller/api/sending-window.ts';
import type { PlanMailbox } from '../../../controller/api/plan.ts';
import { aPlanMailbox } from '../../builders/plan.ts';

/** A lane, and the connections that it opened with whether they are closed. */
function aLane(plan: Partial<PlanMailbox> = {}, turns = new ConnectTurns()) {
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
  const lane = new Lane(aPlanMailbox(plan), 1, {
    open: () => Promise.resolve({ ok: true, route: { connect }, version: 'v1' } as const),
    turns,
  });
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

describe('the slots of a lane', () => {
  const fast = { minIntervalMs: 0, maxConnections: 5 };

  it('are as many as declared, or as the ledger says that a reply left to the account', () => {
    const { lane } = aLane(fast);
    expect(lane.freeSlots()).toBe(5);
    lane.limitConnections(2);
    lane.occupy();
    expect(lane.freeSlots()).toBe(1);
    lane.limitConnections(undefined);
    expect(lane.freeSlots()).toBe(4);
  });

  it('are one while the ledger keeps a second or more between messages, until something else is declared', async () => {
    const { lane } = aLane(fast);
    lane.limitConnections(undefined);
    lane.notePace(1_000);
    expect(lane.freeSlots()).toBe(1);
    await lane.update({ ...lane.plan });
    expect(lane.freeSlots()).toBe(1);
    await lane.update({ ...lane.plan, jitterMs: 1 });
    expect(lane.freeSlots()).toBe(5);
  });
});

describe('the pace of a lane', () => {
  const window = {
    timeZone: 'UTC',
    days: [...WEEKDAYS],
    startTime: '00:00',
    endTime: '24:00',
    spread: 'Even' as const,
  };

  it.each([
    ['a long interval', { minIntervalMs: 100 }, true],
    ['a short interval', { minIntervalMs: 99 }, false],
    ['a short interval and an even spread', { minIntervalMs: 5, sendingWindow: window }, true],
    [
      'a window that is not spread over',
      { minIntervalMs: 5, sendingWindow: { ...window, spread: 'None' } },
      false,
    ],
  ] as const)('with %s', (_what, plan, isPacedByLedger) => {
    expect(aLane(plan).lane.isPacedByLedger).toBe(isPacedByLedger);
  });
});

describe('the interval of a lane', () => {
  const pacing = (untilMs: number) => ({ reason: 'Pacing', untilMs, message: 'waits for its interval' });

  it('holds it until the next message', () => {
    const { lane } = aLane();
    lane.waitForInterval(1_000);
    lane.waitForInterval(2_000);
    expect(lane.holdAt(1_999)).toEqual(pacing(2_000));
    expect(lane.holdAt(2_000)).toBeUndefined();
    lane.waitForInterval(3_000);
    expect(lane.holdAt(2_500)).toEqual(pacing(3_000));
  });

  it.each([
    ['until a later time', { untilMs: 60_000 }],
    ['until somebody acts', {}],
  ])('does not end what another message learned meanwhile: a hold %s', (_until, end) => {
    const { lane } = aLane();
    const hold = { reason: 'ConnectionFailed', message: 'the service is not ready', ...end } as const;
    lane.hold(hold);
    lane.waitForInterval(1_000);
    expect(lane.holdAt(900)).toEqual(hold);
  });
});

describe('the turn of a lane whose interval the ledger keeps', () => {
  it('comes no sooner than the interval after the message before was handed over', async () => {
    let nowMs = 10_000;
    const clock: Clock = {
      now: () => nowMs,
      monotonic: () => nowMs,
      sleep: (ms) => {
        nowMs += ms;
        return Promise.resolve();
      },
    };
    const { lane } = aLane({ minIntervalMs: 1_000, jitterMs: 500 });
    await lane.turn(clock, () => 1);
    expect(nowMs).toBe(10_000);
    lane.noteSent(clock);
    nowMs += 850;
    await lane.turn(clock, () => 1);
    expect(nowMs).toBe(11_000);
    nowMs += 2_000;
    await lane.turn(clock, () => 1);
    expect(nowMs).toBe(13_000);
  });
});

describe('a lane whose service has as many connections being opened as may be', () => {
  const plan = { minIntervalMs: 0, maxConnections: 2 };

  it('has the slots of its open connections only', async () => {
    const turns = new ConnectTurns();
    const { lane } = aLane(plan, turns);
    const connection = await taken(lane);
    expect(lane.freeSlots()).toBe(2);
    const { host, port } = lane.plan.endpoint;
    const opening = Promise.withResolvers<void>();
    const others = Array.from({ length: MOST_CONNECTING }, () =>
      turns.take(`${host}:${port}`, () => opening.promise),
    );
    expect(lane.freeSlots()).toBe(0);
    await lane.giveBack(connection);
    expect(lane.freeSlots()).toBe(1);
    opening.resolve();
    await Promise.all(others);
    expect(lane.freeSlots()).toBe(2);
  });
});
