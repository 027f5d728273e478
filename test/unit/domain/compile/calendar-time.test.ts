import { describe, expect, it } from 'vitest';
import { parseTime } from '../../../../controller/domain/compile/calendar-time.ts';

describe('reading a time', () => {
  it.each([
    ['1970-01-02', 86_400_000],
    ['1970-01-01T01:00:00Z', 3_600_000],
    ['1970-01-01T01:00:00.5+01:00', 500],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
  ])('%s is %d', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });

  it.each([
    '2026-02-29',
    '2026-02-31T10:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T23:59:60Z',
    'soon',
    '24 Nov 2026',
  ])('%s is no time of the calendar', (text) => {
    expect(parseTime(text)).toBeUndefined();
  });
});
