import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { childEnvironment } from '../environment.ts';
import { startTicks } from './process-identity.ts';
import { waitUntil } from './wait-until.ts';

/** A long-running program of a cluster: `DIR/NAME.pid` says which process it is, `DIR/log/NAME.log` what it said. */
export type Daemon = {
  /** State folder of its cluster. */
  dir: string;
  name: string;
  /** The program and its arguments. */
  argv: readonly [string, ...string[]];
  /** Variables to add to our own environment. */
  environment?: Readonly<Record<string, string>>;
};

/**
 * Starts a daemon; its pid file replaces an older one.
 * @param outlives true: it goes on when this process ends. false: it ends with this process, even when that is killed.
 */
export function startDaemon(daemon: Daemon, outlives: boolean): void {
  mkdirSync(join(daemon.dir, 'log'), { recursive: true });
  const log = openSync(logFile(daemon.dir, daemon.name), 'a');
  const [program, ...args] = outlives ? daemon.argv : boundToParent(daemon.argv);
  const child = spawn(program, args, {
    stdio: ['ignore', log, log],
    detached: outlives,
    cwd: daemon.dir,
    env: childEnvironment(daemon.environment),
  });
  closeSync(log);
  // Without a listener a program that is not there would end this process; its absence shows as a missing pid.
  child.on('error', () => undefined);
  child.unref();
  if (child.pid === undefined) throw new Error(`${program} did not start; is it installed?`);
  writeFileSync(pidFile(daemon.dir, daemon.name), `${child.pid} ${startTicks(child.pid) ?? ''}`);
}

/** The pid of a daemon while it runs, else undefined. */
export function daemonPid(dir: string, name: string): number | undefined {
  let written: string;
  try {
    written = readFileSync(pidFile(dir, name), 'utf8');
  } catch {
    return undefined;
  }
  const [pid = Number.NaN, ticks] = written.split(' ').map(Number);
  return startTicks(pid) === ticks ? pid : undefined;
}

/**
 * Sends the signal, waits for the end and kills what has not ended after `graceMs`.
 * Does nothing when the daemon does not run.
 */
export async function stopDaemon(
  dir: string,
  name: string,
  signal: NodeJS.Signals = 'SIGTERM',
  graceMs = 10_000,
): Promise<void> {
  const pid = daemonPid(dir, name);
  if (pid !== undefined) {
    process.kill(pid, signal);
    const hasEnded = () => daemonPid(dir, name) === undefined;
    await waitUntil(`${name} ends`, hasEnded, { timeoutMs: graceMs, intervalMs: 20 }).catch(async () => {
      process.kill(pid, 'SIGKILL');
      await waitUntil(`${name} ends when killed`, hasEnded, { timeoutMs: 10_000, intervalMs: 20 });
    });
  }
  rmSync(pidFile(dir, name), { force: true });
}

/** The end of a daemon's log, for an error message. */
export function logTail(dir: string, name: string, characters = 1_500): string {
  return readFileSync(logFile(dir, name), 'utf8').slice(-characters);
}

function logFile(dir: string, name: string): string {
  return join(dir, 'log', `${name}.log`);
}

function pidFile(dir: string, name: string): string {
  return join(dir, `${name}.pid`);
}

/** Linux lets a child ask to be killed when its parent ends; elsewhere a killed test process may leave its daemons behind. */
function boundToParent(argv: Daemon['argv']): Daemon['argv'] {
  return process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', ...argv] : argv;
}
