/**
 * Requests to one API server over one pool of keep-alive connections.
 *
 *     const transport = new Transport({ access, clock: systemClock, random: Math.random });
 *     const mailbox = await transport.call({ operation: 'get mailbox', method: 'GET', path: '/apis/…' });
 *     await transport.stream({ operation: 'watch mailboxes', path: '/apis/…?watch=1', idleTimeoutMs: 90_000, signal }, onChunk);
 *     await transport.close();
 *
 * Every call ends within its `timeoutMs`: with JSON, an ApiError, a ConnectionError or a CredentialsError.
 */
import type { Dispatcher } from 'undici';

import { contentOf, refusalOf, type Answer } from './answer.ts';
import { connectionPool, isSameTls } from './connection-pool.ts';
import { ConnectionError, type ApiError, type Operation } from './api-error.ts';
import type { Random } from '../../domain/ports/clock.ts';
import type { TimerClock } from './clock.ts';
import { Credentials, type Identity, type TlsMaterial } from './credentials.ts';
import { Exchange } from './exchange.ts';
import type { ClusterAccess } from './kube-config.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Call {
  /** For error messages; must not vary between retries. */
  operation: Operation;
  method: Method;
  /** Path and query, as the API server knows them. */
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Default `application/json`. */
  contentType?: string;
  /** Default `application/json`. */
  accept?: string;
  /** For the whole call with its retries. Default 30 s. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

export interface StreamCall {
  operation: Operation;
  path: string;
  accept?: string;
  /** Silence that means the connection is dead. */
  idleTimeoutMs: number;
  signal: AbortSignal;
}

/** Told of every request that ended: `status` is 0 when no answer came. */
export type RequestObserver = (method: Method | 'WATCH', status: number, durationMs: number) => void;

export interface TransportOptions {
  access: ClusterAccess;
  clock: TimerClock;
  random: Random;
  /** Default `mailers`. */
  userAgent?: string;
  onRequest?: RequestObserver;
}

/** One attempt, as both calls and streams need it. */
interface Attempt {
  call: Call;
  label: Method | 'WATCH';
  exchange: Exchange;
  limitMs?: number;
  idleTimeoutMs: number;
}

const JSON_TYPE = 'application/json';
const DEFAULT_TIMEOUT_MS = 30_000;
/** client-go gives up on a server that says "later" after ten times. */
const MOST_THROTTLED_RETRIES = 10;

export class Transport {
  readonly #options: TransportOptions;
  readonly #credentials: Credentials;
  readonly #origin: string;
  readonly #basePath: string;
  #pool: Promise<Dispatcher> | undefined;
  #poolTls: TlsMaterial = {};
  #isClosed = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#credentials = new Credentials(options.access, () => options.clock.monotonic());
    const server = new URL(options.access.cluster.server);
    this.#origin = server.origin;
    this.#basePath = server.pathname.replace(/\/$/, '');
  }

  /** The namespace of the kubeconfig's context or of our pod. */
  get namespace(): string {
    return this.#options.access.namespace;
  }

  /** One request, one JSON answer; see `send` for what is tried again. */
  async call<T = unknown>(call: Call): Promise<T> {
    return contentOf<T>(call.operation, await this.#answerTo(call, false));
  }

  /**
   * One request whose answer matters only if it is a refusal. 429, and 503 with Retry-After, are waited out within
   * `timeoutMs`; a 401 is tried once more with fresh credentials.
   */
  async send(call: Call): Promise<void> {
    await this.#answerTo(call, true);
  }

  /**
   * A GET whose answer comes in pieces for as long as the server likes. Resolves when the server ends it; `onChunk`
   * may end it by throwing, which rejects with that error.
   */
  async stream(call: StreamCall, onChunk: (chunk: Buffer) => void): Promise<void> {
    const { operation, idleTimeoutMs } = call;
    const answer = await this.#attempt({
      call: { ...call, method: 'GET' },
      label: 'WATCH',
      exchange: new Exchange({ operation, onChunk }),
      idleTimeoutMs,
    });
    if (answer.status === 401) this.#credentials.forget();
    if (answer.status >= 300) throw refusalOf(operation, answer);
  }

  /** Ends every request in flight and closes all connections. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const pool = await this.#pool;
    await pool?.destroy();
  }

  async #answerTo(call: Call, isBodyUnwanted: boolean): Promise<Answer> {
    const { clock } = this.#options;
    const deadlineMs = clock.monotonic() + (call.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.#attempt({
        call,
        label: call.method,
        exchange: new Exchange({ operation: call.operation, isBodyUnwanted }),
        limitMs: deadlineMs - clock.monotonic(),
        idleTimeoutMs: 0,
      });
      if (answer.status < 300) return answer;
      const error = refusalOf(call.operation, answer);
      const delayMs = this.#retryDelayMs(error, attempt);
      if (delayMs === undefined || clock.monotonic() + delayMs >= deadlineMs) throw error;
      await clock.sleep(delayMs, call.signal);
    }
  }

  async #attempt(attempt: Attempt): Promise<Answer> {
    const { call, label, exchange, limitMs } = attempt;
    const { clock, onRequest } = this.#options;
    const startedMs = clock.monotonic();
    const onAbort = (): void => exchange.abandon('Aborted', call.signal?.reason);
    const cancel =
      limitMs === undefined ? undefined : clock.after(limitMs, () => exchange.abandon('TimedOut'));
    call.signal?.addEventListener('abort', onAbort, { once: true });
    if (call.signal?.aborted) onAbort();
    else this.#dispatch(attempt).catch((error: unknown) => exchange.fail(error));
    let status = 0;
    try {
      const answer = await exchange.answer;
      status = answer.status;
      return answer;
    } catch (error) {
      if (error instanceof ConnectionError && error.failure === 'Untrusted') this.#credentials.forget();
      throw error;
    } finally {
      cancel?.();
      call.signal?.removeEventListener('abort', onAbort);
      onRequest?.(label, status, clock.monotonic() - startedMs);
    }
  }

  async #dispatch({ call, exchange, idleTimeoutMs }: Attempt): Promise<void> {
    const identity = this.#credentials.current() ?? (await this.#credentials.fetch());
    const pool = await this.#poolFor(identity);
    if (this.#isClosed) exchange.abandon('Aborted');
    if (exchange.isOver) return;
    const headers: Record<string, string> = {
      ...identity.headers,
      accept: call.accept ?? JSON_TYPE,
      'user-agent': this.#options.userAgent ?? 'mailers',
    };
    if (call.body !== undefined) headers['content-type'] = call.contentType ?? JSON_TYPE;
    pool.dispatch(
      {
        origin: this.#origin,
        path: this.#basePath + call.path,
        method: call.method,
        headers,
        body: call.body === undefined ? null : JSON.stringify(call.body),
        headersTimeout: DEFAULT_TIMEOUT_MS,
        bodyTimeout: idleTimeoutMs,
      },
      exchange,
    );
  }

  #poolFor({ tls }: Identity): Promise<Dispatcher> {
    if (this.#pool !== undefined && isSameTls(tls, this.#poolTls)) return this.#pool;
    const former = this.#pool;
    this.#poolTls = tls;
    this.#pool = connectionPool(this.#origin, this.#options.access.cluster.proxyUrl, tls);
    // Requests under way finish on the former connections; watches end by themselves within ten minutes. A former
    // pool that cannot close has nothing left that we use.
    former?.then((pool) => pool.close()).catch(() => {});
    return this.#pool;
  }

  #retryDelayMs(error: ApiError, attempt: number): number | undefined {
    if (error.status === 401 && attempt === 0) {
      this.#credentials.forget();
      return 0;
    }
    const isThrottled =
      error.status === 429 || (error.status === 503 && error.retryAfterSeconds !== undefined);
    if (!isThrottled || attempt >= MOST_THROTTLED_RETRIES) return undefined;
    // All who were told "in one second" would come back together: spread them over half as long again.
    return (error.retryAfterSeconds ?? 1) * 1000 * (1 + this.#options.random() / 2);
  }
}
