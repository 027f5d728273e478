import { REASONS } from '../api/reasons.ts';
import type { LaneLedger, LaneShare, LaneState, OwnedLane } from '../domain/ports/lane-ledger.ts';
import type { PoolKey, SenderKey } from '../domain/ports/queue-ledger.ts';
import { PoolClocks } from './pool-clocks.ts';
import { list, number, oneOf, text } from './reply.ts';
import type { Store } from './store.ts';

/** Leases of lanes in Redis. See lua/lanes-*.lua. */
export class RedisLaneLedger implements LaneLedger {
  readonly #store: Store;
  readonly #clocks: PoolClocks;

  constructor(store: Store) {
    this.#store = store;
    this.#clocks = new PoolClocks(store);
  }

  async share(
    sender: SenderKey,
    request: {
      readonly leaseMs: number;
      readonly routes: readonly string[];
      readonly busy: readonly string[];
      readonly states: readonly LaneState[];
    },
  ): Promise<LaneShare> {
    const { plan, senders, evicted, lanes, laneStates } = this.#store.keys.pool(sender);
    const { routes, busy, states } = request;
    const reply = await this.#store.runGuarded(
      'lanes-share',
      plan,
      [plan, senders, evicted, lanes, laneStates],
      [
        sender.senderId,
        request.leaseMs,
        routes.length,
        ...routes,
        busy.length,
        ...busy,
        ...states.flatMap((state) => [state.route, JSON.stringify(state)]),
      ],
    );
    await this.#clocks.follow(sender, request.leaseMs);
    const [nowMs, alive, isEvicted, owned, told] = list(reply);
    return {
      owned: pairs(list(owned)),
      states: list(told).map((state) => laneState(text(state))),
      senders: number(alive),
      evicted: isEvicted === 1,
      nowMs: number(nowMs),
    };
  }

  async states(pool: PoolKey): Promise<readonly LaneState[]> {
    const { laneStates } = this.#store.keys.pool(pool);
    return (await this.#store.ask((client) => client.hvals(laneStates))).map(laneState);
  }

  async leave(sender: SenderKey): Promise<void> {
    const { keys } = this.#store;
    const { senders, lanes, laneStates } = keys.pool(sender);
    await this.#store.run(
      'lanes-leave',
      [senders, lanes, laneStates, keys.claims(sender)],
      [sender.senderId],
    );
  }
}

function pairs(owned: readonly unknown[]): OwnedLane[] {
  const lanes: OwnedLane[] = [];
  for (let index = 0; index < owned.length; index += 2) {
    lanes.push({ route: text(owned[index]), fence: number(owned[index + 1]) });
  }
  return lanes;
}

function laneState(json: string): LaneState {
  const told = JSON.parse(json) as Record<string, unknown>;
  return {
    route: text(told['route']),
    reason: oneOf(REASONS, told['reason']),
    ...(told['untilMs'] !== undefined && { untilMs: number(told['untilMs']) }),
    message: text(told['message']),
  };
}
