import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { Random } from '../domain/ports/clock.ts';
import { leavePrimary, SentinelWatch, type SentinelAccess, type SentinelAddress } from './sentinel-watch.ts';

/** A command without an answer for so long has failed: nobody waits for a Redis that hangs. */
const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** A server that stands still does not close its side: nobody waits for that before asking for the next primary. */
const DISCONNECT_TIMEOUT_MS = 100;
const FIRST_RECONNECT_MS = 50;
/** Everybody is back so soon after Redis is: how long nothing is handed out depends on it (HOLD_MS). */
const LONGEST_RECONNECT_MS = 1_000;

/** How often it is looked where the slots of a Redis Cluster are, ms: who finds that one has moved looks at once. */
const SLOTS_EVERY_MS = 1_000;

/**
 * Scripts come in batches of our own (batcher.ts) and are sent at once: automatic pipelining has one pipeline under way, so that server and
 * client would wait for each other. On a cluster calls go alone, and are better put together.
 */
const ONE_NODE = { autoPipeliningIgnoredCommands: ['evalsha'] } satisfies RedisOptions;

export interface ConnectionSettings {
  readonly random: Random;
  readonly commandTimeoutMs?: number;
  /** PEM. */
  readonly certificateAuthority?: string;
}

/**
 * Options that make the client fail fast and come back by itself: no command waits for a connection, none is sent again without the
 * caller knowing, and it reconnects for ever with growing, jittered pauses.
 */
function connectionOptions({ random, commandTimeoutMs = COMMAND_TIMEOUT_MS }: ConnectionSettings) {
  return {
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    // A server that stands still keeps its connections, also when another one has long been the primary instead: only a new one finds that.
    socketTimeout: commandTimeoutMs,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    // While Redis loads its data the client asks again so soon, and not after as long as that may take.
    maxLoadingRetryTime: LONGEST_RECONNECT_MS,
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
 * A client for the URL, not yet connected. With `rediss` instead of `redis` the connection is TLS.
 * - `redis://[user:password@]host:port[/db]`
 * - `redis+sentinel://[user:password@]host:port,host:port/NAME`: the primary that the Sentinels call NAME. What the Sentinels themselves
 *   want is said behind it: `?sentinelUsername=…&sentinelPassword=…`; `sentinelTls=false` when only the Redis has TLS
 * - `redis+cluster://[user:password@]host:port,host:port`: a Redis Cluster that has these nodes
 */
export function clientFor(url: string, settings: ConnectionSettings): Redis | Cluster {
  const options = connectionOptions(settings);
  const parts = /^(rediss?)(\+sentinel|\+cluster)?:\/\/(?:([^@/]*)@)?([^/]+)(?:\/(.*))?$/.exec(url);
  if (parts === null) throw new Error(urlMistake(url, 'is not the URL of a Redis'));
  const [, protocol, kind, login, hosts = '', path = ''] = parts;
  const { certificateAuthority: ca } = settings;
  const tls = protocol === 'rediss' && { tls: ca === undefined ? {} : { ca } };
  if (kind === undefined) return new Redis(url, { ...options, ...ONE_NODE, ...tls });
  const common = { ...options, ...credentials(login), ...tls };
  const nodes = hosts.split(',').map((host) => addressOf(host, kind === '+sentinel' ? 26_379 : 6_379));
  if (kind === '+sentinel') {
    if (path === '')
      throw new Error(urlMistake(url, 'does not end with /NAME, as the Sentinels call the primary'));
    return clientBySentinels(nodes, path, { options: { ...options, ...common }, url });
  }
  const { lazyConnect, enableOfflineQueue, enableAutoPipelining, retryStrategy, ...nodeOptions } = common;
  return new WaitingCluster(nodes, {
    lazyConnect,
    enableOfflineQueue,
    enableAutoPipelining,
    redisOptions: nodeOptions,
    clusterRetryStrategy: retryStrategy,
    // A command that is sent again by itself would come before what a node must be told that lost its last writes.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshInterval: SLOTS_EVERY_MS,
    slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
  });
}

/**
 * A Redis Cluster whose calls do not follow a slot to another primary by themselves: they would come before what that must be told. A slot that
 * is being moved at this moment (ASK) is followed, as all that it had goes along; the client also breaks off a process that has it not follow
 * one (`maxRedirections: 0`) out of a pipeline.
 */
class WaitingCluster extends Cluster {
  override handleError(
    error: Error,
    redirections: { value?: unknown },
    handlers: { readonly defaults: () => void },
  ): void {
    if (error.message.startsWith('MOVED')) handlers.defaults();
    else super.handleError(error, redirections, handlers);
  }
}

/**
 * Ends the client for good. One that is about to reconnect gives that up without a word: what ends with it (the watch of the Sentinels, which
 * would keep the process alive) would never hear.
 */
export function endClient(client: Redis | Cluster): void {
  const isPausing = client.status === 'reconnecting';
  client.disconnect();
  if (isPausing) client.emit('end');
}

type ClientOptions = ReturnType<typeof connectionOptions> & Pick<RedisOptions, 'tls'>;

/** @param path NAME, and behind a question mark what the Sentinels want */
function clientBySentinels(
  sentinels: readonly SentinelAddress[],
  path: string,
  { options, url }: { readonly options: ClientOptions; readonly url: string },
): Redis {
  const [name = '', query] = path.split('?');
  if (name === '')
    throw new Error(urlMistake(url, 'does not end with /NAME, as the Sentinels call the primary'));
  const access = sentinelAccess(new URLSearchParams(query), options.tls, url);
  const client = new Redis({
    ...options,
    ...ONE_NODE,
    name,
    sentinels: [...sentinels],
    sentinelRetryStrategy: options.retryStrategy,
    sentinelCommandTimeout: options.commandTimeout,
    ...(access.username !== undefined && { sentinelUsername: access.username }),
    ...(access.password !== undefined && { sentinelPassword: access.password }),
    ...(access.tls && { sentinelTLS: access.tls }),
    ...(options.tls && { enableTLSForSentinelMode: true }),
  } satisfies RedisOptions);
  // The client leaves the primary at once when the Sentinels name another one.
  const onSwitch = (): void => leavePrimary(client);
  const watch = new SentinelWatch({
    sentinels,
    name,
    access,
    retryStrategy: options.retryStrategy,
    onSwitch,
  });
  client.on('connect', () => watch.begin());
  client.on('end', () => watch.end());
  return client;
}

const SENTINEL_WANTS = ['sentinelUsername', 'sentinelPassword', 'sentinelTls'];

function sentinelAccess(query: URLSearchParams, tls: RedisOptions['tls'], url: string): SentinelAccess {
  const unknown = [...query.keys()].find((key) => !SENTINEL_WANTS.includes(key));
  if (unknown !== undefined)
    throw new Error(urlMistake(url, `says ${unknown}, which is none of ${SENTINEL_WANTS.join(', ')}`));
  const [username, password] = [query.get('sentinelUsername'), query.get('sentinelPassword')];
  return {
    ...(username !== null && { username }),
    ...(password !== null && { password }),
    ...(tls && query.get('sentinelTls') !== 'false' && { tls }),
  };
}

function credentials(login: string | undefined): { username?: string; password?: string } {
  const [username = '', password = ''] = (login ?? '').split(':').map(decodeURIComponent);
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function addressOf(host: string, defaultPort: number): { host: string; port: number } {
  const [, name, port] = /^(.*):(\d+)$/.exec(host) ?? [];
  return { host: (name ?? host).replace(/^\[|\]$/g, ''), port: Number(port ?? defaultPort) };
}

/** Without the login, which may be secret. */
function urlMistake(url: string, mistake: string): string {
  const shown = url.replace(/\/\/[^@/]*@/, '//…@').replace(/\?.*$/, '?…');
  return `ledger URL ${shown} ${mistake}; write redis://, redis+sentinel:// or redis+cluster://, or rediss for TLS`;
}
