import type { Dispatcher } from 'undici';
import Pool from 'undici/lib/dispatcher/pool.js';
import type { TlsMaterial } from './credentials.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** Go's HTTP server drops idle connections after 90 s or more: let go first. */
const KEEP_ALIVE_MS = 60_000;
/** Below the 60 s after which common load balancers forget a silent connection. */
const TCP_KEEP_ALIVE_MS = 30_000;
/** A bound on sockets: watches hold one each, calls in flight one each. */
const MOST_CONNECTIONS = 128;

/**
 * A pool of keep-alive connections to one server. HTTP/1.1 only: Node's HTTP/2 client has leaked memory in long runs, and a watch
 * on a connection of its own cannot be held up by others.
 */
export async function connectionPool(
  origin: string,
  proxyUrl: string | undefined,
  tls: TlsMaterial,
): Promise<Dispatcher> {
  const pool = {
    connections: MOST_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    allowH2: false,
  };
  const connect = {
    ...tls,
    timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  };
  if (proxyUrl === undefined) return new Pool(origin, { ...pool, connect });
  const { ProxyAgent } = await import('undici');
  return new ProxyAgent({ ...pool, uri: proxyUrl, requestTls: connect });
}

/** Whether connections made with one serve for the other. */
export function isSameTls(one: TlsMaterial, other: TlsMaterial): boolean {
  return (
    isSameBytes(one.ca, other.ca) && isSameBytes(one.cert, other.cert) && isSameBytes(one.key, other.key)
  );
}

function isSameBytes(one: string | Buffer | undefined, other: string | Buffer | undefined): boolean {
  if (one === other) return true;
  return one !== undefined && other !== undefined && Buffer.from(one).equals(Buffer.from(other));
}
