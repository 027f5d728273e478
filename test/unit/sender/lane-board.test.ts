import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../controller/api/plan.ts';
import type { LaneState } from '../../../controller/domain/ports/lane-ledger.ts';
import { windowWatch } from '../../../controller/domain/window.ts';
import { ConnectTurns } from '../../../controller/sender/connect-turns.ts';
import { LaneBoard } from '../../../controller/sender/lane-board.ts';
import { Lane } from '../../../controller/sender/lane.ts';
import { aPlan, aPlanMailbox } from '../../builders/plan.ts';

const NAMES = ['anna', 'ben', 'cleo'] as const;
const planOf = (names: readonly string[], cap = 100): Plan =>
  aPlan({ esps: [], mailboxes: names.map((name) => aPlanMailbox({ name, route: `mailbox/${name}`, cap })) });

/** A sender that holds a lane for each mailbox, and its board. */
function aBoard() {
  const known = { nowMs: 1_000, plan: planOf(NAMES) };
  const turns = new ConnectTurns();
  const open = () => Promise.reject(new Error('nothing is opened here'));
  const lanes = new Map(
    known.plan.mailboxes.map((route) => [route.route, new Lane(route, 1, { open, turns })] as const),
  );
  const laneOf = (name: string): Lane => {
    const lane = lanes.get(`mailbox/${name}`);
    if (!lane) throw new Error(`no lane of ${name}`);
    return lane;
  };
  const told = new Map<string, LaneState>();
  const asked: string[] = [];
  const stateOf = (route: string, nowMs: number) => {
    asked.push(route);
    return lanes.get(route)?.stateAt(nowMs) ?? told.get(route);
  };
  const table = { lanes, stateOf, windows: windowWatch(), heartbeats: 1 };
  const board = new LaneBoard({ table, plan: () => known.plan, now: () => known.nowMs });
  const reasons = () => board.views.map(({ reason }) => reason);
  return { board, known, table, laneOf, reasons, told, asked };
}

const HELD = { reason: 'QuotaExhausted', message: '' } as const;

describe('the lanes as the choice sees them', () => {
  it('are looked at once for many messages', () => {
    const { reasons, laneOf } = aBoard();
    expect(reasons()).toEqual(['Connected', 'Connected', 'Connected']);
    laneOf('ben').hold(HELD);
    expect(reasons()).toEqual(['Connected', 'Connected', 'Connected']);
  });

  it('have a slot less for a message that is given to one of them', () => {
    const { board, laneOf } = aBoard();
    const slots = () => board.views.map(({ freeSlots }) => freeSlots);
    const before = slots();
    laneOf('ben').occupy();
    board.renew('mailbox/ben');
    expect(slots()).toEqual(before.map((free, place) => (place === 1 ? free - 1 : free)));
  });

  it('are not believed: one that was held meanwhile is not confirmed, and seen as it is from then on', () => {
    const { board, laneOf, reasons } = aBoard();
    expect(board.views).toHaveLength(3);
    laneOf('ben').hold(HELD);
    expect(board.confirms('mailbox/anna')).toBe(true);
    expect(board.confirms('mailbox/ben')).toBe(false);
    expect(reasons()).toEqual(['Connected', 'QuotaExhausted', 'Connected']);
  });

  it('are all looked at anew when several were out of date: that has a common cause', () => {
    const { board, laneOf, reasons } = aBoard();
    expect(board.views).toHaveLength(3);
    for (const name of NAMES) laneOf(name).hold(HELD);
    expect(board.confirms('mailbox/anna')).toBe(false);
    expect(reasons()).toEqual(['QuotaExhausted', 'Connected', 'Connected']);
    expect(board.confirms('mailbox/ben')).toBe(false);
    expect(reasons()).toEqual(['QuotaExhausted', 'QuotaExhausted', 'QuotaExhausted']);
  });

  it('are looked at anew after a heartbeat, with which lanes come and go', () => {
    const { board, table } = aBoard();
    const owned = () => board.views.map(({ isOwned }) => isOwned);
    expect(owned()).toEqual([true, true, true]);
    table.lanes.delete('mailbox/ben');
    table.heartbeats += 1;
    expect(owned()).toEqual([true, false, true]);
  });

  it('are looked at anew after a while, or when the clock goes back', () => {
    const { known, laneOf, reasons } = aBoard();
    reasons();
    laneOf('anna').hold(HELD);
    known.nowMs += 250;
    expect(reasons()[0]).toBe('QuotaExhausted');
    laneOf('anna').clearHold();
    known.nowMs -= 10;
    expect(reasons()[0]).toBe('Connected');
  });

  it('are free again the moment that their hold ends', () => {
    const { known, laneOf, reasons } = aBoard();
    laneOf('anna').hold({ reason: 'Pacing', untilMs: known.nowMs + 20, message: '' });
    laneOf('ben').hold({ reason: 'Pacing', untilMs: known.nowMs + 40, message: '' });
    expect(reasons()).toEqual(['Pacing', 'Pacing', 'Connected']);
    known.nowMs += 20;
    expect(reasons()).toEqual(['Connected', 'Pacing', 'Connected']);
    known.nowMs += 20;
    expect(reasons()).toEqual(['Connected', 'Connected', 'Connected']);
  });

  it('are not looked at again for the end of another sender’s hold, of which only its heartbeat tells', () => {
    const { known, table, told, asked, reasons } = aBoard();
    table.lanes.delete('mailbox/ben');
    const [route, untilMs] = ['mailbox/ben', known.nowMs + 20];
    told.set(route, { route, reason: 'Pacing', untilMs, message: '' });
    expect(reasons()).toEqual(['Connected', 'Pacing', 'Connected']);
    const before = asked.length;
    known.nowMs += 30;
    expect(reasons()).toEqual(['Connected', 'Pacing', 'Connected']);
    expect(asked).toHaveLength(before);
  });

  it('are those of the plan in force', () => {
    const { board, known } = aBoard();
    expect(board.views).toHaveLength(3);
    known.plan = planOf(['ben', 'dora']);
    expect(board.views.map(({ route, isOwned }) => [route, isOwned])).toEqual([
      ['mailbox/ben', true],
      ['mailbox/dora', false],
    ]);
    expect(board.confirms('mailbox/anna')).toBe(false);
  });
});
