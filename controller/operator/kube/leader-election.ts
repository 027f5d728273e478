/**
 * One leader among the replicas, by a Lease (coordination.k8s.io/v1).
 *
 *     const elector = new LeaderElector({ leases, namespace, name: 'mailers-operator', identity, clock, random, log });
 *     const end = await elector.run(signal, async ({ epoch, signal }) => {
 *       …lead until `signal` aborts, then finish what is in hand…
 *     });
 *     if (end === 'Lost') process.exit(1);      // somebody else may lead already: nothing graceful is safe
 *
 * `run` leaves the Lease to the next replica at once when `signal` aborts and the lead function has returned. Two
 * leaders for a moment cannot be ruled out by any Lease (a process may be frozen between looking and acting), so
 * whatever must not happen twice is fenced with `epoch`, which every later leader exceeds.
 */
import type { Random } from '../../domain/ports/clock.ts';
import { isConflict, isNotFound } from './api-error.ts';
import type { Cancel, TimerClock } from './clock.ts';
import {
  claimedSpec,
  deleted,
  mayHold,
  observe,
  releasedSpec,
  type Lease,
  type Observation,
} from './lease-record.ts';
import type { Log } from './log.ts';
import type { CallOptions, ResourceClient } from './resource-client.ts';
import type { ResourceType } from './resource.ts';

export const LEASE: ResourceType = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

export interface ElectionTimings {
  /** Others wait this long after the last sign of life. */
  leaseDurationMs: number;
  /** A leader that could not renew for this long stops leading; shorter than the lease, so that it stops first. */
  renewDeadlineMs: number;
  /** Between attempts, for leaders and followers. */
  retryPeriodMs: number;
}

/** client-go's and controller-runtime's numbers. */
const ELECTION_TIMINGS: ElectionTimings = {
  leaseDurationMs: 15_000,
  renewDeadlineMs: 10_000,
  retryPeriodMs: 2_000,
};

export interface Leadership {
  /** The Lease's leaseTransitions: grows with every change of leader. */
  epoch: number;
  /** Aborts when leadership is lost, or is to be given up. */
  signal: AbortSignal;
  /** Whether, by the clock, no other replica can have taken over yet. Ask right before what must not be done twice. */
  isHeld(): boolean;
}

export interface LeaderElectorOptions {
  leases: ResourceClient<Lease>;
  namespace: string;
  name: string;
  /** Unique per process: the host name with a random part. */
  identity: string;
  clock: TimerClock;
  random: Random;
  log: Log;
  timings?: ElectionTimings;
  /** Told when leadership is won and when it ends. */
  onChange?: (isLeading: boolean) => void;
}

export type ElectionEnd = 'Released' | 'Lost';

/** Followers come at slightly different times, so that they do not race each other for ever. */
const FOLLOWER_JITTER = 0.3;
const RELEASE_TIMEOUT_MS = 2_000;

export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #timings: ElectionTimings;
  #observation: Observation | undefined;
  #highestEpoch = -1;
  /** The Lease as we wrote it, while we lead and know of nobody else's write. */
  #held: Lease | undefined;
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  /** @throws when the timings cannot work. */
  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#timings = options.timings ?? ELECTION_TIMINGS;
    const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = this.#timings;
    if (leaseDurationMs <= renewDeadlineMs || renewDeadlineMs <= retryPeriodMs * 1.2) {
      throw new Error('Leader election needs lease duration > renew deadline > 1.2 × retry period.');
    }
  }

  /** Who leads as far as we know; undefined when nobody does. */
  get leader(): string | undefined {
    return this.#observation?.lease.spec?.holderIdentity || undefined;
  }

  /**
   * Waits for leadership, leads, and gives it up again.
   * @param signal ends the wait, or asks the leader to finish; renewals go on until `lead` has returned.
   * @throws what `lead` throws, after the Lease was released.
   */
  async run(signal: AbortSignal, lead: (leadership: Leadership) => Promise<void>): Promise<ElectionEnd> {
    if (!(await this.#acquire(signal))) return 'Released';
    const { log, onChange, identity } = this.#options;
    const epoch = this.#held?.spec?.leaseTransitions ?? 0;
    log.info({ identity, epoch }, 'Became the leader');
    onChange?.(true);

    const lost = new AbortController();
    const finished = new AbortController();
    const renewing = this.#keepRenewing(lost, finished.signal);
    try {
      await lead({
        epoch,
        signal: AbortSignal.any([signal, lost.signal]),
        isHeld: () => !lost.signal.aborted && this.#isWithinDeadline(),
      });
    } finally {
      finished.abort();
      await renewing;
      if (!lost.signal.aborted) await this.#release();
      onChange?.(false);
    }
    return lost.signal.aborted ? 'Lost' : 'Released';
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, random, log, identity } = this.#options;
    let knownLeader: string | undefined;
    while (!signal.aborted) {
      if (await this.#attempt(signal)) return true;
      if (this.leader !== undefined && this.leader !== knownLeader) {
        knownLeader = this.leader;
        log.info({ identity, leader: knownLeader }, 'Stands by for another leader');
      }
      await clock.sleep(this.#timings.retryPeriodMs * (1 + random() * FOLLOWER_JITTER), signal);
    }
    return false;
  }

  /** Renews until `finished`; aborts `lost` when that fails for too long or another holds the Lease. */
  async #keepRenewing(lost: AbortController, finished: AbortSignal): Promise<void> {
    const { clock, log, identity } = this.#options;
    const lose = (): void => {
      if (lost.signal.aborted || finished.aborted) return;
      log.error({ identity, leader: this.leader }, 'Lost the leadership');
      lost.abort(new Error('Leadership was lost.'));
    };
    const ended = AbortSignal.any([lost.signal, finished]);
    let cancel: Cancel = clock.after(this.#remainingMs(), lose);
    while (!ended.aborted) {
      await clock.sleep(this.#timings.retryPeriodMs, ended);
      if (ended.aborted) break;
      // Not cut short when the lead ends: an abandoned write may still arrive, and the release would meet a conflict.
      if (await this.#attempt(lost.signal)) {
        cancel();
        cancel = clock.after(this.#remainingMs(), lose);
      } else if (this.leader !== undefined && this.leader !== identity) lose();
    }
    cancel();
  }

  /** One try to take or renew the Lease. Never throws: a failure is logged and is a "no". */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { clock, log, identity } = this.#options;
    try {
      const present = this.#held ?? (await this.#look(signal));
      if (this.#observation !== undefined && !mayHold(this.#observation, identity, clock.monotonic()))
        return false;
      const startedMs = clock.monotonic();
      this.#held = await this.#claim(present, signal);
      this.#renewedAtMs = startedMs;
      this.#note(this.#held);
      return true;
    } catch (error) {
      this.#held = undefined;
      // Somebody was faster: the next look tells who.
      if (!isConflict(error) && !signal.aborted) {
        log.warn({ identity, err: error }, 'Failed to take or renew the lease');
      }
      return false;
    }
  }

  async #look(signal?: AbortSignal): Promise<Lease | undefined> {
    const { leases, namespace, name } = this.#options;
    try {
      const lease = await leases.get({ namespace, name }, this.#callOptions(signal));
      this.#note(lease);
      return lease;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      // Whoever held it may lead on: as long as it would have held, the place is not free.
      if (this.#observation !== undefined) this.#note(deleted(this.#observation.lease));
      return undefined;
    }
  }

  #claim(present: Lease | undefined, signal: AbortSignal): Promise<Lease> {
    const { leases, namespace, name, identity, clock } = this.#options;
    const durationSeconds = Math.ceil(this.#timings.leaseDurationMs / 1000);
    // A leader whose Lease somebody deleted goes on with its own epoch.
    const former = this.#observation?.lease.spec;
    const current = present?.spec ?? (former?.holderIdentity === identity ? former : undefined);
    const spec = claimedSpec(current, this.#highestEpoch, { identity, durationSeconds, nowMs: clock.now() });
    if (present === undefined) {
      return leases.create({ metadata: { namespace, name }, spec }, this.#callOptions(signal));
    }
    return leases.update({ ...present, spec }, this.#callOptions(signal));
  }

  async #release(): Promise<void> {
    const { leases, clock, log, identity } = this.#options;
    // From here on another may lead.
    this.#renewedAtMs = Number.NEGATIVE_INFINITY;
    try {
      const held = this.#held ?? (await this.#look());
      this.#held = undefined;
      if (held?.spec?.holderIdentity !== identity) return;
      const spec = releasedSpec(held.spec, clock.now());
      this.#note(await leases.update({ ...held, spec }, { timeoutMs: RELEASE_TIMEOUT_MS }));
      log.info({ identity }, 'Released the lease');
    } catch (error) {
      log.warn(
        { identity, err: error },
        'Failed to release the lease: the next leader waits until it runs out',
      );
    }
  }

  #note(lease: Lease): void {
    this.#observation = observe(this.#observation, lease, this.#options.clock.monotonic());
    this.#highestEpoch = Math.max(this.#highestEpoch, lease.spec?.leaseTransitions ?? -1);
  }

  /** One hung call must not cost the lease. */
  #callOptions(signal?: AbortSignal): CallOptions {
    return { signal, timeoutMs: Math.max(1000, this.#timings.renewDeadlineMs / 2) };
  }

  #remainingMs(): number {
    return this.#renewedAtMs + this.#timings.renewDeadlineMs - this.#options.clock.monotonic();
  }

  #isWithinDeadline(): boolean {
    return this.#remainingMs() > 0;
  }
}
