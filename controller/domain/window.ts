import { WEEKDAYS, type SendingWindow } from '../api/sending-window.ts';
import { offsetSegments, type OffsetSegment } from './time-zone.ts';

/** Whether mail may leave now, and if not, when it may. */
export type WindowState =
  | { readonly isOpen: true }
  /** `opensMs`: ms since the epoch; undefined = not within the next 15 days. */
  | { readonly isOpen: false; readonly opensMs?: number };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A weekly hour that a clock change swallowed once comes again within two weeks. */
const HORIZON_MS = 15 * DAY_MS;
/** 1970-01-01 was a Thursday; WEEKDAYS begins with Monday. */
const EPOCH_WEEKDAY = 3;

function minutes(timeOfDay: string): number {
  return Number(timeOfDay.slice(0, 2)) * 60 + Number(timeOfDay.slice(3));
}

function weekday(localDay: number): (typeof WEEKDAYS)[number] | undefined {
  return WEEKDAYS[(((localDay + EPOCH_WEEKDAY) % 7) + 7) % 7];
}

/** First moment of the segment at which the window is open. */
function firstOpen(window: SendingWindow, segment: OffsetSegment): number | undefined {
  const { startMs, endMs, offsetMs } = segment;
  const lastDay = Math.floor((endMs - 1 + offsetMs) / DAY_MS);
  for (let day = Math.floor((startMs + offsetMs) / DAY_MS); day <= lastDay; day++) {
    const name = weekday(day);
    if (!window.days.some((allowed) => allowed === name)) continue;
    const midnightMs = day * DAY_MS - offsetMs;
    const openMs = Math.max(startMs, midnightMs + minutes(window.startTime) * MINUTE_MS);
    const closeMs = Math.min(endMs, midnightMs + minutes(window.endTime) * MINUTE_MS);
    if (openMs < closeMs) return openMs;
  }
  return undefined;
}

/**
 * The window is open while a clock on the wall of its time zone shows a time from `startTime` up to, but not including, `endTime` on one
 * of its days. An hour that a clock change skips is not there; an hour that comes twice counts twice.
 */
export function windowState(window: SendingWindow, nowMs: number): WindowState {
  for (const segment of offsetSegments(window.timeZone, nowMs, nowMs + HORIZON_MS)) {
    const openMs = firstOpen(window, segment);
    if (openMs === nowMs) return { isOpen: true };
    if (openMs !== undefined) return { isOpen: false, opensMs: openMs };
  }
  return { isOpen: false };
}
