import { Redis, type RedisOptions } from 'ioredis';
import type { Random } from '../domain/ports/clock.ts';

/** A command without an answer for so long has failed: nobody waits for a Redis that hangs. */
const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const FIRST_RECONNECT_MS = 50;
const LONGEST_RECONNECT_MS = 2_000;

/**
 * Options that make the client fail fast and come back by itself: no command waits for a connection, none is sent again without the
 * caller knowing, and it reconnects for ever with growing, jittered pauses.
 */
export function connectionOptions(random: Random, commandTimeoutMs = COMMAND_TIMEOUT_MS) {
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableAutoPipelining: true,
    connectionName: 'mailers',
    retryStrategy: (attempt) => {
      const pause = Math.min(FIRST_RECONNECT_MS * 2 ** Math.min(attempt, 10), LONGEST_RECONNECT_MS);
      return Math.round(pause * (0.5 + random() / 2));
    },
    // A primary that became a replica keeps its connections: a new one finds the new primary.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions;
}

/**
 * A client for the URL, not yet connected.
 * - `redis://[user:password@]host:port[/db]`, `rediss://…` (TLS)
 * - `redis+sentinel://[user:password@]host:port,host:port/NAME`, `rediss+sentinel://…`: the primary called NAME
 */
export function clientFor(url: string, random: Random, commandTimeoutMs?: number): Redis {
  const options = connectionOptions(random, commandTimeoutMs);
  const sentinel = /^(rediss?)\+sentinel:\/\/(?:([^@/]*)@)?([^/]+)\/(\w[\w.-]*)$/.exec(url);
  if (sentinel === null) {
    if (!/^rediss?:\/\//.test(url))
      throw new Error(`ledger URL: "${scheme(url)}" is not redis, rediss, redis+sentinel or rediss+sentinel`);
    return new Redis(url, options);
  }
  const [, protocol, login, hosts = '', name = ''] = sentinel;
  const [username = '', password = ''] = (login ?? '').split(':').map(decodeURIComponent);
  return new Redis({
    ...options,
    name,
    sentinels: hosts
      .split(',')
      .map((host) => ({ host: host.replace(/:\d+$/, ''), port: Number(/:(\d+)$/.exec(host)?.[1] ?? 26379) })),
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(protocol === 'rediss' && { tls: {}, enableTLSForSentinelMode: true }),
    sentinelRetryStrategy: (attempt: number) =>
      Math.min(FIRST_RECONNECT_MS * 2 ** Math.min(attempt, 10), LONGEST_RECONNECT_MS),
    sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
  });
}

function scheme(url: string): string {
  return url.split('://', 1)[0] ?? '';
}
