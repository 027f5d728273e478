/** What a reconciler is given and what it gives back. */

/** How a reconcile ended well. Waiting is a result, not an error. */
export interface Result {
  /** Come back after this long even if nothing changes: a window opens, a token expires, something else is not ready. */
  requeueAfterMs?: number;
  /** What is waited for: for the log. */
  reason?: string;
}

interface ReconcileContext {
  /** Aborts when the reconcile takes too long or leadership is lost: pass it to every call. */
  readonly signal: AbortSignal;
  /** How often this key has failed in a row. */
  readonly failures: number;
}

/**
 * Makes the world what the object of `key` wants. The object may be gone; other events may have been folded into this
 * call; the last call may have been cut off half way. So: look at everything, assume nothing.
 * @throws TerminalError when trying again is pointless until something changes; anything else is tried again, later
 *   and later.
 */
export type Reconcile = (key: string, context: ReconcileContext) => Promise<Result>;

/** Nothing but a change of the object or of what it refers to can help: not tried again by itself. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** Our own mistake rather than the world's: what a Go controller would call a panic. */
export function isDefect(error: unknown): boolean {
  const defects = [TypeError, ReferenceError, RangeError, SyntaxError];
  return !(error instanceof Error) || defects.some((defect) => error instanceof defect);
}
