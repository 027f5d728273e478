import { GUARD_MAX_AGE_MS } from '../ports/suppression-ledger.ts';

/**
 * Slots per window: five minutes for 24 h. More slots free usage sooner and cost memory; 288 keeps a busy mailbox below the
 * 16 KiB that the ledger may use for it.
 */
export const SLOTS_PER_WINDOW = 288;

/**
 * A reservation is counted when it is made, a provider counts when MAIL FROM arrives, up to GUARD_MAX_AGE_MS later. If an early one
 * goes out late and the one that takes its place at once, both fall into one window; so usage stays counted this much longer
 * than the window, ms: the guard's age and as much again for the way to the provider.
 */
export const WIRE_MARGIN_MS = 2 * GUARD_MAX_AGE_MS;

/** How finely and how long usage is kept: SLOTS_PER_WINDOW and WIRE_MARGIN_MS but for tests. */
export interface WindowShape {
  readonly slotsPerWindow: number;
  readonly marginMs: number;
}

/** Recipients counted in one slice of time. */
interface Slot {
  /** Number of the slot since the epoch: floor(time / width). */
  readonly index: number;
  readonly recipients: number;
}

/** Usage within a rolling window, oldest slot first. Plain data; every function returns a new one. */
export interface RollingWindow {
  readonly windowMs: number;
  readonly shape: WindowShape;
  readonly slots: readonly Slot[];
  /** Recipients in all slots. */
  readonly used: number;
}

type WindowKind = Pick<RollingWindow, 'windowMs' | 'shape'>;

/** A window of `windowMs` in which nothing was counted. */
export function emptyWindow(windowMs: number, shape: WindowShape): RollingWindow {
  return { windowMs, shape, slots: [], used: 0 };
}

/** The slot that `nowMs` falls into. */
export function slotAt(window: WindowKind, nowMs: number): number {
  return Math.floor(nowMs / slotWidthMs(window));
}

/**
 * When the slot no longer counts, ms since the epoch: once its end, not its start, is as old as the window and its margin. So usage
 * is counted up to one slot too long and never too short.
 */
export function leavesAtMs(window: WindowKind, slot: number): number {
  return (slot + 1) * slotWidthMs(window) + window.windowMs + window.shape.marginMs;
}

/** Drops the slots that no longer count at `nowMs`. */
export function expire(window: RollingWindow, nowMs: number): RollingWindow {
  const slots = window.slots.filter((slot) => leavesAtMs(window, slot.index) > nowMs);
  if (slots.length === window.slots.length) return window;
  return { ...window, slots, used: total(slots) };
}

/** Counts recipients in a slot. Slots come in order: never one before the latest. */
export function count(window: RollingWindow, index: number, recipients: number): RollingWindow {
  const last = window.slots.at(-1);
  const slots =
    last?.index === index
      ? [...window.slots.slice(0, -1), { index, recipients: last.recipients + recipients }]
      : [...window.slots, { index, recipients }];
  return { ...window, slots, used: window.used + recipients };
}

/** Counts recipients in any slot, be it before the latest. */
export function countAt(window: RollingWindow, index: number, recipients: number): RollingWindow {
  const counted = window.slots.find((slot) => slot.index === index)?.recipients ?? 0;
  const slots = [
    ...window.slots.filter((slot) => slot.index !== index),
    { index, recipients: counted + recipients },
  ].sort((one, other) => one.index - other.index);
  return { ...window, slots, used: window.used + recipients };
}

/** Takes recipients out of the slot they were counted in; nothing changes when the slot no longer counts. */
export function takeBack(window: RollingWindow, index: number, recipients: number): RollingWindow {
  const slots = window.slots
    .map((slot) => (slot.index === index ? { index, recipients: slot.recipients - recipients } : slot))
    .filter((slot) => slot.recipients > 0);
  return { ...window, slots, used: total(slots) };
}

/** Recipients that may have been counted within the last `spanMs`, and the window's margin, before `nowMs`: whole slots. */
export function countedWithin(window: RollingWindow, spanMs: number, nowMs: number): number {
  const sinceMs = nowMs - spanMs - window.shape.marginMs;
  return total(window.slots.filter(({ index }) => (index + 1) * slotWidthMs(window) > sinceMs));
}

/** Recipients that still count at `timeMs`, if nothing is added until then. */
export function stillCountedAt(window: RollingWindow, timeMs: number): number {
  return total(window.slots.filter(({ index }) => leavesAtMs(window, index) > timeMs));
}

/** When `recipients` of those counted have left the window, ms since the epoch; undefined when fewer are counted. */
export function freedAtMs(window: RollingWindow, recipients: number): number | undefined {
  let freed = 0;
  for (const slot of window.slots) {
    freed += slot.recipients;
    if (freed >= recipients) return leavesAtMs(window, slot.index);
  }
  return undefined;
}

function slotWidthMs({ windowMs, shape }: WindowKind): number {
  return Math.ceil(windowMs / shape.slotsPerWindow);
}

function total(slots: readonly Slot[]): number {
  return slots.reduce((sum, slot) => sum + slot.recipients, 0);
}
