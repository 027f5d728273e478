/**
 * /healthz, /readyz and /metrics on one port.
 *
 *     const health = new HealthServer({
 *       live: { 'event-loop': () => guard.check() },
 *       ready: { caches: () => (synced ? undefined : 'mailboxes are not synced') },
 *       metrics: registry,
 *     });
 *     const { port } = await health.listen({ host: '0.0.0.0', port: 8081 });
 *     await health.close();
 *
 * `/readyz?verbose` lists the checks, `/readyz/caches` asks one. A check answers undefined, or what is wrong.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** Undefined when all is well, else what is not. Answers at once or within the limit. */
type HealthCheck = () => string | undefined | Promise<string | undefined>;

export type HealthChecks = Readonly<Record<string, HealthCheck>>;

/** The part of prom-client's Registry that is needed. */
interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

export interface HealthServerOptions {
  /** A failure has the kubelet restart us: only for what a restart mends. */
  live: HealthChecks;
  /** A failure takes us out of Services and rollouts. */
  ready: HealthChecks;
  metrics?: MetricsSource;
}

export interface HealthAnswer {
  status: number;
  body: string;
  contentType?: string;
}

interface CheckResult {
  name: string;
  problem: string | undefined;
}

/** Longer than a kubelet waits by default (1 s) serves nobody. */
const CHECK_TIMEOUT_MS = 900;

export class HealthServer {
  readonly #options: HealthServerOptions;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(options: HealthServerOptions) {
    this.#options = options;
  }

  /** Listens; port 0 picks a free one. @throws when the port is taken */
  listen(place: { host: string; port: number }): Promise<{ port: number }> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(place.port, place.host, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve({ port: typeof address === 'object' && address !== null ? address.port : place.port });
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.#answer(request).catch((error: unknown) => ({
      status: 500,
      body: `${String(error)}\n`,
    }));
    const { status, body, contentType = 'text/plain; charset=utf-8' }: HealthAnswer = answer;
    response.writeHead(status, { 'content-type': contentType }).end(body);
  }

  async #answer(request: IncomingMessage): Promise<HealthAnswer> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const [, endpoint, checkName] = url.pathname.split('/');
    const { live, ready, metrics } = this.#options;
    const isVerbose = url.searchParams.has('verbose');
    if (endpoint === 'healthz') return answerOf(await run(live, checkName), isVerbose);
    if (endpoint === 'readyz') return answerOf(await run(ready, checkName), isVerbose);
    if (endpoint === 'metrics' && metrics !== undefined) {
      return { status: 200, body: await metrics.metrics(), contentType: metrics.contentType };
    }
    return { status: 404, body: 'not found: try /healthz, /readyz or /metrics\n' };
  }
}

/** Runs all checks, or the one named; undefined when there is no such check. */
async function run(checks: HealthChecks, only: string | undefined): Promise<CheckResult[] | undefined> {
  const chosen = Object.entries(checks).filter(([name]) => !only || name === only);
  if (only && chosen.length === 0) return undefined;
  return Promise.all(chosen.map(async ([name, check]) => ({ name, problem: await problemOf(check) })));
}

async function problemOf(check: HealthCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT_MS} ms`), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check(), limit]);
  } catch (error) {
    return String(error);
  } finally {
    clearTimeout(timer);
  }
}

/** 200 `ok`, or 500 with every check and its problem; the format of Kubernetes' own endpoints. */
function answerOf(results: CheckResult[] | undefined, isVerbose: boolean): HealthAnswer {
  if (results === undefined) return { status: 404, body: 'there is no such check\n' };
  const isHealthy = results.every(({ problem }) => problem === undefined);
  if (isHealthy && !isVerbose) return { status: 200, body: 'ok' };
  const lines = results.map(({ name, problem }) =>
    problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
  );
  return { status: isHealthy ? 200 : 500, body: `${lines.join('\n')}\n` };
}
