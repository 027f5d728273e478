import { describe, expect, it } from 'vitest';
import { WEEKDAYS, type SendingWindow } from '../../../controller/api/sending-window.ts';
import { offsetSegments, timeZoneCheck, zoneOffsets } from '../../../controller/domain/time-zone.ts';
import {
  windowClosesMs,
  windowClosings,
  windowState as freshWindowState,
  windowWatch,
  type WindowState,
} from '../../../controller/domain/window.ts';

function window(hours: Partial<SendingWindow>): SendingWindow {
  return {
    timeZone: 'UTC',
    days: [...WEEKDAYS],
    startTime: '09:00',
    endTime: '17:00',
    spread: 'Even',
    ...hours,
  };
}

const offsets = zoneOffsets();
/** With the zones of earlier tests at hand: making them takes most of the time. */
function windowState(hours: SendingWindow, nowMs: number): WindowState {
  return freshWindowState(hours, nowMs, offsets);
}

const at = (text: string): number => Date.parse(text);
const HOUR_MS = 3_600_000;

describe('a sending window', () => {
  it.each([
    ['2026-11-24T08:59:59.999Z', false],
    ['2026-11-24T09:00:00.000Z', true],
    ['2026-11-24T16:59:59.999Z', true],
    ['2026-11-24T17:00:00.000Z', false],
  ])('is exact at its edges: %s', (now, isOpen) => {
    expect(windowState(window({}), at(now)).isOpen).toBe(isOpen);
  });

  it.each([
    ['later today', '2026-11-24T03:00:00Z', '2026-11-24T09:00:00Z'],
    ['tomorrow', '2026-11-24T17:00:00Z', '2026-11-25T09:00:00Z'],
    ['after the week-end', '2026-11-27T17:00:00Z', '2026-11-30T09:00:00Z'],
  ])('says that it opens %s', (_when, now, opens) => {
    const workdays = window({ days: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'] });
    expect(windowState(workdays, at(now))).toEqual({ isOpen: false, opensMs: at(opens) });
  });

  it('goes by the day of its own time zone', () => {
    const auckland = window({
      timeZone: 'Pacific/Auckland',
      days: ['Monday'],
      startTime: '00:00',
      endTime: '24:00',
    });
    expect(windowState(auckland, at('2026-11-22T11:00:00Z')).isOpen).toBe(true);
    expect(windowState(auckland, at('2026-11-22T10:59:59Z')).isOpen).toBe(false);
    expect(windowState(auckland, at('2026-11-23T11:00:00Z'))).toEqual({
      isOpen: false,
      opensMs: at('2026-11-29T11:00:00Z'),
    });
  });

  it('of whole days is never closed', () => {
    const always = window({ startTime: '00:00', endTime: '24:00', timeZone: 'America/New_York' });
    for (let ms = at('2026-10-31T00:00:00Z'); ms < at('2026-11-03T00:00:00Z'); ms += HOUR_MS / 2) {
      expect(windowState(always, ms).isOpen).toBe(true);
    }
  });

  it('knew weekdays before 1970 too', () => {
    const mondays = window({ days: ['Monday'] });
    expect(windowState(mondays, at('1969-12-29T10:00:00Z')).isOpen).toBe(true);
    expect(windowState(mondays, at('1969-12-30T10:00:00Z')).isOpen).toBe(false);
  });

  it('that ends before it begins never opens', () => {
    expect(windowState(window({ startTime: '17:00', endTime: '09:00' }), at('2026-11-24T00:00:00Z'))).toEqual(
      {
        isOpen: false,
      },
    );
  });

  it('needs nothing at hand', () => {
    expect(freshWindowState(window({}), at('2026-11-24T10:00:00Z'))).toEqual({ isOpen: true });
  });

  it('takes times with a fraction of a millisecond', () => {
    expect(windowState(window({}), at('2026-11-24T10:00:00Z') + 0.25).isOpen).toBe(true);
  });
});

describe('a window when the clocks change', () => {
  // Berlin: 2026-03-29 02:00 becomes 03:00; 2026-10-25 03:00 becomes 02:00.
  const berlin = (startTime: string, endTime: string): SendingWindow =>
    window({ timeZone: 'Europe/Berlin', startTime, endTime });

  it('keeps its hours by the wall clock on both sides', () => {
    expect(windowState(berlin('09:00', '17:00'), at('2026-03-27T17:00:00Z'))).toMatchObject({
      opensMs: at('2026-03-28T08:00:00Z'),
    });
    expect(windowState(berlin('09:00', '17:00'), at('2026-03-28T17:00:00Z'))).toMatchObject({
      opensMs: at('2026-03-29T07:00:00Z'),
    });
  });

  it('opens at the end of the gap when it should have opened within', () => {
    expect(windowState(berlin('02:30', '04:00'), at('2026-03-29T00:30:00Z'))).toEqual({
      isOpen: false,
      opensMs: at('2026-03-29T01:00:00Z'),
    });
  });

  it('does not open on the day whose hour was skipped', () => {
    expect(windowState(berlin('02:10', '02:20'), at('2026-03-29T00:00:00Z'))).toEqual({
      isOpen: false,
      opensMs: at('2026-03-30T00:10:00Z'),
    });
  });

  it('finds a weekly window again that a change swallowed once', () => {
    const sundays = { ...berlin('02:10', '02:20'), days: ['Sunday' as const] };
    expect(windowState(sundays, at('2026-03-22T01:20:00Z'))).toEqual({
      isOpen: false,
      opensMs: at('2026-04-05T00:10:00Z'),
    });
  });

  it('opens twice on the hour that comes twice', () => {
    const hours = berlin('02:00', '02:30');
    const states = ['00:00', '00:30', '01:00', '01:30'].map((time) =>
      windowState(hours, at(`2026-10-25T${time}:00Z`)),
    );
    expect(states).toEqual([
      { isOpen: true },
      { isOpen: false, opensMs: at('2026-10-25T01:00:00Z') },
      { isOpen: true },
      { isOpen: false, opensMs: at('2026-10-26T01:00:00Z') },
    ]);
  });

  it('follows changes of half an hour', () => {
    // Lord Howe Island: 2026-04-05 02:00 (+11) becomes 01:30 (+10:30).
    const hours = window({ timeZone: 'Australia/Lord_Howe', startTime: '01:45', endTime: '02:00' });
    expect(windowState(hours, at('2026-04-04T14:50:00Z')).isOpen).toBe(true);
    expect(windowState(hours, at('2026-04-04T15:00:00Z'))).toEqual({
      isOpen: false,
      opensMs: at('2026-04-04T15:15:00Z'),
    });
  });

  it('lives without a day that a whole country skipped', () => {
    // Samoa had no 2011-12-30.
    const fridays = window({ timeZone: 'Pacific/Apia', days: ['Friday'] });
    expect(windowState(fridays, at('2011-12-24T12:00:00Z'))).toEqual({
      isOpen: false,
      opensMs: at('2012-01-05T19:00:00Z'),
    });
  });
});

describe('the close of a window', () => {
  const berlin = (startTime: string, endTime: string): SendingWindow =>
    window({ timeZone: 'Europe/Berlin', startTime, endTime });

  it.each([
    ['on an ordinary day', window({}), '2026-11-24T09:00:00Z', '2026-11-24T17:00:00Z'],
    ['a moment before', window({}), '2026-11-24T16:59:59.999Z', '2026-11-24T17:00:00Z'],
    [
      'of whole days at midnight, though the next is open, too',
      window({ startTime: '00:00', endTime: '24:00' }),
      '2026-11-24T00:00:00Z',
      '2026-11-25T00:00:00Z',
    ],
    [
      'an hour of time earlier in spring',
      berlin('01:00', '05:00'),
      '2026-03-29T00:30:00Z',
      '2026-03-29T03:00:00Z',
    ],
    [
      'an hour of time later in autumn',
      berlin('01:00', '05:00'),
      '2026-10-24T23:30:00Z',
      '2026-10-25T04:00:00Z',
    ],
    [
      'at the gap that swallows its end',
      berlin('01:00', '02:30'),
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:00:00Z',
    ],
    [
      'for the first time where its end comes twice',
      berlin('01:00', '02:30'),
      '2026-10-24T23:30:00Z',
      '2026-10-25T00:30:00Z',
    ],
  ])('is %s', (_when, hours, now, closes) => {
    const closesMs = windowClosesMs(hours, at(now), offsets);
    expect(new Date(closesMs ?? 0).toISOString()).toBe(new Date(closes).toISOString());
  });

  it('is unknown while it is closed', () => {
    expect(windowClosesMs(window({}), at('2026-11-24T17:00:00Z'))).toBeUndefined();
    expect(windowClosesMs(window({}), at('2026-11-24T08:00:00Z'), offsets)).toBeUndefined();
  });

  it('is worked out once per opening, whatever the clock does', () => {
    const closings = windowClosings();
    const hours = window({});
    for (const now of ['10:00', '12:00', '09:00', '16:59', '18:00', '08:00'])
      expect(closings(hours, at(`2026-11-24T${now}:00Z`))).toBe(
        windowClosesMs(hours, at(`2026-11-24T${now}:00Z`), offsets),
      );
    expect(closings(hours, at('2026-11-25T10:00:00Z'))).toBe(at('2026-11-25T17:00:00Z'));
  });
});

describe('watching a window', () => {
  it('says at every moment what the window is', () => {
    const watch = windowWatch();
    const windows = [
      window({ timeZone: 'Europe/Berlin', startTime: '02:00', endTime: '02:30' }),
      window({ timeZone: 'Europe/Berlin', days: ['Monday', 'Sunday'] }),
      window({ timeZone: 'America/New_York', startTime: '00:00', endTime: '24:00' }),
      window({ startTime: '17:00', endTime: '09:00' }),
    ];
    for (let ms = at('2026-10-24T20:00:00Z'); ms < at('2026-10-26T12:00:00Z'); ms += HOUR_MS / 2) {
      for (const one of windows) expect(watch(one, ms)).toEqual(windowState(one, ms));
    }
  });

  it('is not misled by a clock that goes back', () => {
    const watch = windowWatch();
    const hours = window({});
    expect(watch(hours, at('2026-11-24T10:00:00Z')).isOpen).toBe(true);
    expect(watch(hours, at('2026-11-24T08:00:00Z')).isOpen).toBe(false);
  });
});

describe('time zones', () => {
  it.each([
    ['Europe/Berlin', true],
    ['UTC', true],
    ['Mars/Olympus_Mons', false],
    ['', false],
  ])('%j is known: %s', (name, isKnown) => {
    const check = timeZoneCheck();
    expect([check(name), check(name)]).toEqual([isKnown, isKnown]);
  });

  it('run without a gap from segment to segment', () => {
    const [fromMs, toMs] = [at('2026-03-28T00:00:00Z'), at('2026-03-30T00:00:00Z')];
    const segments = [...offsetSegments(zoneOffsets()('Europe/Berlin'), fromMs, toMs)];
    expect(segments[0]?.startMs).toBe(fromMs);
    expect(segments.at(-1)?.endMs).toBe(toMs);
    for (const [index, segment] of segments.slice(1).entries()) {
      expect(segment.startMs).toBe(segments[index]?.endMs);
    }
    const summer = segments.find(({ offsetMs }) => offsetMs === 2 * HOUR_MS);
    expect(summer?.startMs).toBe(at('2026-03-29T01:00:00Z'));
  });
});
