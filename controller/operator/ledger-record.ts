import type { TimerClock } from './kube/clock.ts';
import { ApiError, isConflict, isNotFound } from './kube/api-error.ts';
import type { Log } from './kube/log.ts';
import type { KubeObject } from './kube/resource.ts';
import { ResourceClient } from './kube/resource-client.ts';
import type { Transport } from './kube/transport.ts';
import { CONFIG_MAP } from './resource-types.ts';

interface RecordObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface LedgerRecordParts {
  readonly transport: Transport;
  /** The operator's own. */
  readonly namespace: string;
  readonly clock: Pick<TimerClock, 'sleep'>;
  readonly log: Log;
  /** Ends the waiting for an API server that is away. */
  readonly stopping: AbortSignal;
}

/** In the namespace of the operator, where nothing of it is in Git and so nothing prunes it; its Role allows this name only. */
const NAME = 'mailers-ledger';
const KEY = 'ledgerId';
const REPLACES = 'replaces';
const ABOUT =
  'The ledger in Redis that this installation used last. While Redis has another one, or none, nothing is sent until a person confirms the loss. Do not delete it.';
const RETRY_MS = 1_000;

/**
 * Remembers in Kubernetes which ledger is ours, so that a Redis that was emptied is not taken for one that is new: a ConfigMap, written
 * before the first plan is published.
 */
export class LedgerRecord {
  readonly #client: ResourceClient<RecordObject>;
  readonly #parts: LedgerRecordParts;

  constructor(parts: LedgerRecordParts) {
    this.#parts = parts;
    this.#client = new ResourceClient<RecordObject>(parts.transport, CONFIG_MAP);
  }

  /** The ledger's id and those that it replaces; undefined when this cluster knows of none. Waits for the API server. */
  async recall(): Promise<readonly [string, ...string[]] | undefined> {
    const data = (await this.#persist('read', () => this.#get()))?.data;
    const { [KEY]: id = '', [REPLACES]: replaces = '' } = data ?? {};
    return id === '' ? undefined : [id, ...replaces.split(',').filter((other) => other !== '')];
  }

  /** Remembers this ledger from now on. Waits for the API server; a refusal is logged, and the ledger is used all the same. */
  async remember([id, ...others]: readonly [string, ...string[]]): Promise<void> {
    const data = { [KEY]: id, [REPLACES]: others.join() };
    await this.#persist('written', async () => {
      const known = await this.#get();
      if (known?.data?.[KEY] === id && known.data[REPLACES] === data[REPLACES]) return;
      const { namespace } = this.#parts;
      const metadata = { name: NAME, namespace, annotations: { 'mailers.io/about': ABOUT } };
      if (known === undefined) await this.#client.create({ metadata, data });
      else await this.#client.update({ ...known, data: { ...known.data, ...data } });
    });
  }

  async #get(): Promise<RecordObject | undefined> {
    const { namespace } = this.#parts;
    return await this.#client.get({ name: NAME, namespace }).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
  }

  /** Tries until the API server answers; undefined when it refuses, or when the operator ends before. */
  async #persist<T>(what: string, call: () => Promise<T>): Promise<T | undefined> {
    const { clock, log, namespace, stopping } = this.#parts;
    while (!stopping.aborted) {
      try {
        return await call();
      } catch (error) {
        const isRefused = error instanceof ApiError && error.status < 500 && !isConflict(error);
        if (isRefused) {
          log.error(
            { err: error },
            `ConfigMap ${namespace}/${NAME} cannot be ${what}: should Redis lose its content, the next start would take it for new and mail everybody again; let the operator get, create and update it`,
          );
          return undefined;
        }
        log.warn({ err: error }, `ConfigMap ${namespace}/${NAME} cannot be ${what} yet`);
        await clock.sleep(RETRY_MS, stopping);
      }
    }
    return undefined;
  }
}
