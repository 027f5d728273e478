import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { startTicks } from '../process/process-identity.ts';
import { waitUntil } from '../process/wait-until.ts';

/** A cold build of everything takes about 10 minutes on 2 cores; whoever waits for one gives it three times that. */
const longestHoldMs = 1_800_000;

/**
 * Runs the action while no other process that uses the same lock file does.
 * A lock whose holder has died is taken over.
 * @throws when the holder is still at it after half an hour.
 */
export async function withFileLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const own = `${path}.${randomUUID()}`;
  await waitUntil(`the lock ${path} (remove it if nobody is at it)`, () => acquire(path, own), {
    timeoutMs: longestHoldMs,
    intervalMs: 250,
  });
  try {
    return await action();
  } finally {
    rmSync(path, { force: true });
  }
}

/** A hard link to a complete file appears at once, so nobody ever reads a half-written lock. */
function acquire(path: string, own: string): boolean {
  writeFileSync(own, `${process.pid} ${startTicks(process.pid)}`);
  try {
    linkSync(own, path);
    return true;
  } catch {
    if (!isHeld(path)) takeAway(path, `${own}.stale`);
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function isHeld(path: string): boolean {
  try {
    const [pid = Number.NaN, ticks] = readFileSync(path, 'utf8').split(' ').map(Number);
    return startTicks(pid) === ticks;
  } catch {
    // Gone between the two looks: released in the ordinary way.
    return true;
  }
}

/** Two may find the same dead lock: the rename decides, and the slower one hands back a fresh lock that it caught by mistake. */
function takeAway(path: string, aside: string): void {
  try {
    renameSync(path, aside);
    if (isHeld(aside)) linkSync(aside, path);
  } catch {
    // Another process was quicker; the next round looks again.
  } finally {
    rmSync(aside, { force: true });
  }
}
