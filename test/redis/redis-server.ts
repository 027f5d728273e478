import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { daemonPid, logTail, startDaemon, stopDaemon } from '../cluster/process/daemon.ts';
import { freePorts } from '../cluster/process/free-port.ts';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { askRedis, redisProgram } from './redis-program.ts';

/**
 * Settings of redis.conf by name, e.g. `{ appendonly: false }`; they win over the defaults below (append-only file on, nothing
 * evicted). `port`: instead of a free one.
 */
export type RedisSettings = Readonly<Record<string, string | number | boolean>>;

/** A real Redis (or Valkey) of its own on a free loopback port, with a temporary directory. It ends with this process. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now; it changes with `restart`. */
  readonly pid: number;
  readonly dir: string;
  /** SIGTERM, waits for the end, removes the directory. */
  stop(): Promise<void>;
  /** SIGKILL: what was not yet in the append-only file is lost. The directory stays for `restart`. */
  kill9(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing is answered. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Starts it again on the same port and directory (ends it first when it runs); resolves when it answers. */
  restart(): Promise<void>;
}

const NAME = 'redis';
/**
 * What the product asks of a ledger: append-only file on, nothing evicted. Tests kill processes and not machines: every answer was written
 * to the file before, and no test waits for the disk.
 */
const DEFAULTS = {
  bind: '127.0.0.1',
  appendonly: true,
  appendfsync: 'no',
  'maxmemory-policy': 'noeviction',
  save: '',
  daemonize: false,
  loglevel: 'notice',
};

/** Starts a Redis and resolves when it answers PING. */
export async function startRedis(settings: RedisSettings = {}): Promise<RedisServer> {
  const dir = mkdtempSync(join(tmpdir(), 'mailers-redis-'));
  try {
    const port = await startOnFreePort(dir, settings);
    return serverAt(dir, port, settings);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

function serverAt(dir: string, port: number, settings: RedisSettings): RedisServer {
  const pid = () => {
    const running = daemonPid(dir, NAME);
    if (running === undefined) throw new Error(`the Redis on port ${port} does not run`);
    return running;
  };
  const resume = () => {
    process.kill(pid(), 'SIGCONT');
  };
  const end = async (signal: NodeJS.Signals) => {
    if (daemonPid(dir, NAME) !== undefined) resume();
    await stopDaemon(dir, NAME, signal);
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    get pid() {
      return pid();
    },
    stop: async () => {
      await end('SIGTERM');
      rmSync(dir, { recursive: true, force: true });
    },
    kill9: () => stopDaemon(dir, NAME, 'SIGKILL'),
    pause: () => {
      process.kill(pid(), 'SIGSTOP');
    },
    resume,
    restart: async () => {
      await end('SIGTERM');
      await startAt(dir, port, settings);
    },
  };
}

/** Between finding a free port and binding it another process may take it: tried again with another. */
async function startOnFreePort(dir: string, settings: RedisSettings): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const [free = 0] = await freePorts('127.0.0.1', 1);
    const port = Number(settings['port'] ?? free);
    try {
      await startAt(dir, port, settings);
      return port;
    } catch (error) {
      if (attempt === 3 || settings['port'] !== undefined) throw error;
    }
  }
}

async function startAt(dir: string, port: number, settings: RedisSettings): Promise<void> {
  const options = { ...DEFAULTS, ...settings, dir, port };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, written(value)]);
  startDaemon({ dir, name: NAME, argv: [redisProgram(), ...args] }, false);
  const answersPing = async () => {
    if (daemonPid(dir, NAME) === undefined) throw new Error(`Redis ended: ${logTail(dir, NAME)}`);
    return /^(\+PONG|-NOAUTH)/.test(await askRedis(port, 'PING'));
  };
  try {
    await waitUntil(`Redis on port ${port} answers`, answersPing, { timeoutMs: 10_000, intervalMs: 10 });
  } catch (error) {
    await stopDaemon(dir, NAME, 'SIGKILL');
    throw error;
  }
}

/** A value as redis.conf spells it. */
function written(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}
