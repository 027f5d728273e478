import { describe, expect, it } from 'vitest';
import { isDate, isDateTime } from '../../../controller/api/date-time.ts';

describe('a date', () => {
  it.each(['2026-11-24', '2024-02-29', '2000-02-29', '0001-01-01', '2026-04-30'])('may be %s', (value) => {
    expect(isDate(value)).toBe(true);
  });

  it.each([
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-00-10',
    '2026-13-01',
    '2026-01-00',
    '2026-1-1',
    '26-01-01',
    '2026-01-01T00:00:00Z',
    '',
  ])('may not be %j', (value) => {
    expect(isDate(value)).toBe(false);
  });
});

describe('a time', () => {
  it.each([
    '2026-11-24T09:00:00Z',
    '2026-11-24t23:59:59z',
    '2026-11-24T09:00:00.123456+05:30',
    '2026-11-24T09:00:00-00:00',
  ])('may be %s', (value) => {
    expect(isDateTime(value)).toBe(true);
  });

  it.each([
    '2026-11-24T09:00:00',
    '2026-11-24T09:00Z',
    '2026-11-24 09:00:00Z',
    '2026-11-24T24:00:00Z',
    '2026-11-24T09:60:00Z',
    '2026-11-24T09:00:60Z',
    '2026-11-24T09:00:00+24:00',
    '2026-11-24T09:00:00+01:60',
    '2026-02-30T09:00:00Z',
    '2026-11-24T09:00:00ZT',
    '2026-11-24',
    '',
  ])('may not be %j', (value) => {
    expect(isDateTime(value)).toBe(false);
  });
});
