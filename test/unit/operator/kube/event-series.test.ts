import { describe, expect, it } from 'vitest';
import { EventSeries } from '../../../../controller/operator/kube/event-series.ts';

const MINUTE = 60_000;

describe('a series of events', () => {
  it('writes what is said for the first time and counts what is said again', () => {
    const series = new EventSeries<string>();
    expect(series.say('k', 'object', 'e', 0)).toBe('Write');
    expect(series.say('k', 'object', 'e', 1000)).toBe('Count');
    expect(series.get('k')).toMatchObject({ count: 2, firstAtMs: 0, lastAtMs: 1000 });
  });

  it('starts anew after six minutes of silence', () => {
    const series = new EventSeries<string>();
    series.say('k', 'object', 'e', 0);
    series.say('k', 'object', 'e', 5 * MINUTE);
    expect(series.say('k', 'object', 'e', 10 * MINUTE)).toBe('Count');
    expect(series.say('k', 'object', 'e', 16 * MINUTE)).toBe('Write');
    expect(series.get('k')?.count).toBe(1);
  });

  it('writes the count at most once a minute, and only when it has grown', () => {
    const series = new EventSeries<string>();
    series.say('k', 'object', 'e', 0);
    series.markWritten('k', 1, 0);
    expect(series.waitMs(0)).toBeUndefined();
    series.say('k', 'object', 'e', 10_000);
    expect(series.due(10_000)).toEqual([]);
    expect(series.waitMs(10_000)).toBe(50_000);
    expect(series.due(MINUTE)).toEqual(['k']);
    series.markWritten('k', 2, MINUTE);
    expect(series.due(10 * MINUTE)).toEqual([]);
  });

  it('does not write a count before the event itself is written', () => {
    const series = new EventSeries<string>();
    series.say('k', 'object', 'e', 0);
    series.say('k', 'object', 'e', 0);
    expect(series.due(10 * MINUTE)).toEqual([]);
  });

  it('lets one object say 25 things and then one every five minutes', () => {
    const series = new EventSeries<string>();
    const verdicts = Array.from({ length: 30 }, (_, index) =>
      series.say(`k${index}`, 'object', 'e', index * 1000),
    );
    expect(verdicts.filter((verdict) => verdict === 'Write')).toHaveLength(25);
    expect(series.say('later', 'object', 'e', 6 * MINUTE)).toBe('Write');
    expect(series.say('too soon', 'object', 'e', 6 * MINUTE)).toBe('Drop');
    expect(series.say('other', 'another object', 'e', 6 * MINUTE)).toBe('Write');
  });

  it('lets all objects together say 100 things and then ten a second', () => {
    const series = new EventSeries<string>();
    const say = (from: number, count: number, nowMs: number) =>
      Array.from({ length: count }, (_, index) =>
        series.say(`k${from + index}`, `object ${from + index}`, 'e', nowMs),
      ).filter((verdict) => verdict === 'Write').length;
    expect(say(0, 1000, 0)).toBe(100);
    expect(say(1000, 1000, 1000)).toBe(10);
  });

  it('remembers a bounded number of series', () => {
    const series = new EventSeries<string>();
    for (let index = 0; index < 10_000; index += 1)
      series.say(`k${index}`, `object ${index}`, 'e', index * 1000);
    expect(series.get('k0')).toBeUndefined();
    expect(series.get('k9999')).toBeDefined();
  });
});
