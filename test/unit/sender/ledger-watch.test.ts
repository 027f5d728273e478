import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { LedgerLost, LedgerUnavailable } from '../../../controller/domain/ports/ledger.ts';
import { LedgerWatch } from '../../../controller/sender/ledger-watch.ts';

const AWAY = new LedgerUnavailable('no answer');
const LOST = new LedgerLost('wiped');
const GONE = 'Ledger cannot be used; nothing is sent until it can';
const WIPED = 'Ledger is lost; nothing is sent until its content is back or the loss is confirmed';
const BACK = 'Ledger can be used again';
const CONFIRMED = 'Ledger has its content again, or its loss is confirmed; sending goes on';

describe('the watch over the ledger', () => {
  let told: unknown[];
  let watch: LedgerWatch;

  beforeEach(() => {
    told = [];
    const write = (line: string): void => void told.push((JSON.parse(line) as { msg: string }).msg);
    watch = new LedgerWatch(pino({}, { write }));
  });

  const beat = (): boolean => {
    watch.beats()();
    return watch.worked('heartbeat');
  };

  it('says nothing while all goes well', () => {
    expect(beat()).toBe(false);
    expect(told).toEqual([]);
    expect(watch.isAway).toBe(false);
  });

  it('says once that the ledger is away, and once that it is back', () => {
    watch.failed(AWAY, 'heartbeat');
    watch.failed(AWAY, 'heartbeat');
    expect(watch.isAway).toBe(true);
    expect(beat()).toBe(true);
    expect(beat()).toBe(false);
    expect(told).toEqual([GONE, BACK]);
    expect(watch.isAway).toBe(false);
  });

  it('does not believe a heartbeat that was asked for before the last failure', () => {
    const noteBeat = watch.beats();
    watch.failed(AWAY);
    noteBeat();
    expect(watch.worked('heartbeat')).toBe(false);
    expect(told).toEqual([GONE]);
    expect(beat()).toBe(true);
  });

  it('waits for what failed to work: one that refuses a command answers heartbeats', () => {
    watch.failed(AWAY, 'claims');
    for (let again = 0; again < 3; again += 1) expect(beat()).toBe(false);
    expect(told).toEqual([GONE]);
    expect(watch.worked('claims')).toBe(true);
    expect(told).toEqual([GONE, BACK]);
  });

  it('waits for a heartbeat, which writes: one that is full answers what only reads', () => {
    watch.failed(AWAY, 'heartbeat');
    expect(watch.worked('plan')).toBe(false);
    expect(told).toEqual([GONE]);
  });

  it('waits for an end that cannot be written down, though all else works', () => {
    const settling = {};
    watch.failed(AWAY, settling);
    expect(beat()).toBe(false);
    watch.over(settling);
    expect(beat()).toBe(true);
    expect(told).toEqual([GONE, BACK]);
  });

  it('tells of a loss that shows after the ledger was away', () => {
    watch.failed(AWAY, 'heartbeat');
    watch.failed(LOST, 'heartbeat');
    watch.failed(LOST, 'plan');
    expect(told).toEqual([GONE, WIPED]);
  });

  it('does not say of a ledger that was lost that it is merely back', () => {
    watch.failed(LOST, 'heartbeat');
    watch.failed(AWAY, 'heartbeat');
    expect(beat()).toBe(true);
    expect(told).toEqual([WIPED, CONFIRMED]);
  });

  it('remembers that an answer may have been lost until that is seen to', () => {
    watch.failed(AWAY);
    beat();
    expect(watch.hasMissed).toBe(true);
  });
});
