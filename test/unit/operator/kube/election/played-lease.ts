import { ApiError, ConnectionError } from '../../../../../controller/operator/kube/api-error.ts';
import type { Lease } from '../../../../../controller/operator/kube/lease-record.ts';
import type { Call, Transport } from '../../../../../controller/operator/kube/transport.ts';
import type { ManualClock } from '../manual-clock.ts';

/** Half of the way to the API server and back. */
const HALF_WAY_MS = 30;

/** One Lease at an API server in memory, as far as an election needs it: looked at, made, and replaced if nobody else did. */
export class PlayedLease {
  readonly #clock: ManualClock;
  #lease: Lease | undefined;
  #version = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  get holder(): string | undefined {
    return this.#lease?.spec?.holderIdentity;
  }

  delete(): void {
    this.#lease = undefined;
  }

  /** A way to it that may be cut: a write may have been taken though its answer is lost. */
  transport(isCut: () => boolean): Transport {
    const call = async ({ method, body, operation, signal }: Call): Promise<unknown> => {
      const travel = async (): Promise<void> => {
        await this.#clock.sleep(HALF_WAY_MS, signal);
        if (isCut() || signal?.aborted === true) throw new ConnectionError(operation, 'Closed');
      };
      await travel();
      const answer = this.#answer(operation, method, body as Lease);
      await travel();
      if (answer instanceof ApiError) throw answer;
      return answer;
    };
    const played: Pick<Transport, 'call'> = { call: (one) => call(one) as Promise<never> };
    return played as Transport;
  }

  #answer(operation: string, method: string, body: Lease | undefined): Lease | ApiError {
    const present = this.#lease;
    if (method !== 'POST' && present === undefined)
      return new ApiError(operation, 404, { reason: 'NotFound' });
    if (method === 'GET' && present !== undefined) return present;
    const isStale = body?.metadata.resourceVersion !== present?.metadata.resourceVersion;
    if (body === undefined || isStale) return new ApiError(operation, 409, { reason: 'Conflict' });
    this.#version += 1;
    const uid = present?.metadata.uid ?? `uid-${this.#version}`;
    const lease = { ...body, metadata: { ...body.metadata, uid, resourceVersion: String(this.#version) } };
    this.#lease = lease;
    return lease;
  }
}
