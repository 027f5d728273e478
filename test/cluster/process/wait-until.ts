import { setTimeout as sleep } from 'node:timers/promises';

export type WaitOptions = {
  /** How long to go on asking, in milliseconds. */
  timeoutMs: number;
  /** Pause between two questions, in milliseconds; default 100. */
  intervalMs?: number;
};

/**
 * Asks until the condition answers something other than `undefined` or `false`, and returns that answer.
 * @throws when the time is up, naming `what` and the last error the condition threw.
 */
export async function waitUntil<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions,
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let lastError: unknown;
  while (performance.now() < deadline) {
    try {
      const answer = await condition();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      lastError = error;
    }
    await sleep(options.intervalMs ?? 100);
  }
  throw new Error(`${what}: not so after ${options.timeoutMs} ms`, { cause: lastError });
}
