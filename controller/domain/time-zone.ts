/** True when the runtime's time zone data (IANA) has the name. */
export type TimeZoneCheck = (timeZone: string) => boolean;

function isKnownTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Answers of one piece of work, each worked out once: asking the runtime takes half a millisecond. */
function remembered<T>(answer: (timeZone: string) => T): (timeZone: string) => T {
  const known = new Map<string, T>();
  return (timeZone) => {
    const before = known.get(timeZone);
    if (before !== undefined) return before;
    const found = answer(timeZone);
    known.set(timeZone, found);
    return found;
  };
}

/** A check that asks the runtime once per name. */
export function timeZoneCheck(): TimeZoneCheck {
  return remembered(isKnownTimeZone);
}

/** Difference between a zone's clocks and UTC at a moment, ms. */
export type OffsetAt = (ms: number) => number;

/** Offsets by the name of the zone. Making those of a zone is costly, asking them is not. */
export type ZoneOffsets = (timeZone: string) => OffsetAt;

/** Offsets that are made once per zone; keep them as long as you ask. */
export function zoneOffsets(): ZoneOffsets {
  return remembered(offsets);
}

/** A stretch of time during which a zone's clocks run without a jump; `localMs = ms + offsetMs`. */
export interface OffsetSegment {
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMs: number;
}

/** Zones change their clocks days or weeks apart, never twice within this time. */
const SAMPLE_MS = 3 * 3_600_000;

function offsets(timeZone: string): OffsetAt {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (ms) => {
    const wholeSecondMs = Math.floor(ms / 1000) * 1000;
    const field: Record<string, number> = {};
    for (const part of format.formatToParts(wholeSecondMs)) field[part.type] = Number(part.value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = field;
    return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecondMs;
  };
}

/** First millisecond in (lowMs, highMs] that has the offset of `highMs`. */
function transition(offsetAt: OffsetAt, lowMs: number, highMs: number): number {
  const after = offsetAt(highMs);
  let [low, high] = [lowMs, highMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === after) high = middle;
    else low = middle;
  }
  return high;
}

/** The segments of a zone from `fromMs` on, in order, up to `toMs`. Computed as they are asked for. */
export function* offsetSegments(offsetAt: OffsetAt, fromMs: number, toMs: number): Generator<OffsetSegment> {
  for (let startMs = fromMs; startMs < toMs;) {
    const sampleMs = Math.min(startMs + SAMPLE_MS, toMs);
    const offsetMs = offsetAt(startMs);
    const endMs = offsetAt(sampleMs) === offsetMs ? sampleMs : transition(offsetAt, startMs, sampleMs);
    yield { startMs, endMs, offsetMs };
    startMs = endMs;
  }
}
