import { WEEKDAYS, type SendingWindow } from '../api/sending-window.ts';
import { offsetSegments, zoneOffsets, type OffsetSegment, type ZoneOffsets } from './time-zone.ts';

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

interface Opening {
  readonly openMs: number;
  readonly closeMs: number;
  /** True when the segment ends before the hours of its day do. */
  readonly isCut: boolean;
}

/** First part of the segment during which the window is open. */
function firstOpening(window: SendingWindow, segment: OffsetSegment): Opening | undefined {
  const { startMs, endMs, offsetMs } = segment;
  const lastDay = Math.floor((endMs - 1 + offsetMs) / DAY_MS);
  for (let day = Math.floor((startMs + offsetMs) / DAY_MS); day <= lastDay; day++) {
    const name = weekday(day);
    if (!window.days.some((allowed) => allowed === name)) continue;
    const midnightMs = day * DAY_MS - offsetMs;
    const openMs = Math.max(startMs, midnightMs + minutes(window.startTime) * MINUTE_MS);
    const dayEndMs = midnightMs + minutes(window.endTime) * MINUTE_MS;
    const closeMs = Math.min(endMs, dayEndMs);
    if (openMs < closeMs) return { openMs, closeMs, isCut: dayEndMs > endMs };
  }
  return undefined;
}

/** A state and the moment up to which it surely holds. */
interface Finding {
  readonly state: WindowState;
  readonly untilMs: number;
}

function find(window: SendingWindow, nowMs: number, offsets: ZoneOffsets): Finding {
  const horizonMs = nowMs + HORIZON_MS;
  for (const segment of offsetSegments(offsets(window.timeZone), nowMs, horizonMs)) {
    const opening = firstOpening(window, segment);
    if (opening === undefined) continue;
    const { openMs, closeMs } = opening;
    if (openMs === nowMs) return { state: { isOpen: true }, untilMs: closeMs };
    return { state: { isOpen: false, opensMs: openMs }, untilMs: openMs };
  }
  return { state: { isOpen: false }, untilMs: nowMs + DAY_MS };
}

/**
 * The window is open while a clock on the wall of its time zone shows a time from `startTime` up to, but not including, `endTime` on one
 * of its days. An hour that a clock change skips is not there; an hour that comes twice counts twice.
 */
export function windowState(
  window: SendingWindow,
  nowMs: number,
  offsets: ZoneOffsets = zoneOffsets(),
): WindowState {
  return find(window, nowMs, offsets).state;
}

/**
 * When the window that is open at `nowMs` closes: at the end of its day's hours, changes of the clock followed; whole days end at
 * midnight, also when the next one is open, too. Undefined while it is closed.
 */
export function windowClosesMs(
  window: SendingWindow,
  nowMs: number,
  offsets: ZoneOffsets = zoneOffsets(),
): number | undefined {
  let closesMs: number | undefined;
  for (const segment of offsetSegments(offsets(window.timeZone), nowMs, nowMs + HORIZON_MS)) {
    const opening = firstOpening(window, segment);
    if (opening?.openMs !== segment.startMs) break;
    closesMs = opening.closeMs;
    if (!opening.isCut) break;
  }
  return closesMs;
}

/** {@link windowClosesMs} for those who ask often. */
export type WindowCloses = (window: SendingWindow, nowMs: number) => number | undefined;

/** Works the close of a window out once per opening; keep it as long as you ask. */
export function windowClosings(): WindowCloses {
  const offsets = zoneOffsets();
  const closings = new WeakMap<SendingWindow, { readonly fromMs: number; readonly closesMs: number }>();
  return (window, nowMs) => {
    const before = closings.get(window);
    if (before !== undefined && nowMs >= before.fromMs && nowMs < before.closesMs) return before.closesMs;
    const closesMs = windowClosesMs(window, nowMs, offsets);
    if (closesMs !== undefined) closings.set(window, { fromMs: nowMs, closesMs });
    return closesMs;
  };
}

/** {@link windowState} for those who ask often. */
export type WindowWatch = (window: SendingWindow, nowMs: number) => WindowState;

/** A watch that works a window out once per change of its state; keep it as long as you ask. */
export function windowWatch(): WindowWatch {
  const offsets = zoneOffsets();
  const findings = new WeakMap<SendingWindow, Finding & { readonly fromMs: number }>();
  return (window, nowMs) => {
    const before = findings.get(window);
    if (before !== undefined && nowMs >= before.fromMs && nowMs < before.untilMs) return before.state;
    const found = find(window, nowMs, offsets);
    findings.set(window, { ...found, fromMs: nowMs });
    return found.state;
  };
}
