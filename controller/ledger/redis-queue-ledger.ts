import type {
  BeginAnswer,
  BeginRequest,
  Claim,
  ClaimBatch,
  ClaimDemand,
  Evidence,
  FollowUp,
  MessageKey,
  PoolKey,
  QueueLedger,
  RestateAnswer,
  Restatement,
  SenderKey,
  SettleAnswer,
  SettleRequest,
  UncertainMessage,
} from '../domain/ports/queue-ledger.ts';
import { Batchers } from './batcher.ts';
import { constraintOf } from './keys.ts';
import { list, oneOf, optionalNumber, text } from './reply.ts';
import { restateClaims } from './restate-claims.ts';
import { attemptText, settleClaims } from './settlement.ts';
import type { Store } from './store.ts';
import { takeBack } from './take-back.ts';
import { readUncertain, resolveUncertain } from './uncertain.ts';

/** Claims that one script call begins or settles: it must not keep the server busy for long. */
const BATCH = 32;

/** What one sender asks for. */
interface Asked<Request> {
  readonly sender: SenderKey;
  readonly request: Request;
}

/** The queue of a pool in Redis. See lua/queue-*.lua. */
export class RedisQueueLedger implements QueueLedger {
  readonly #store: Store;

  /** By sender: one script call touches the claims of one. */
  readonly #begins = new Batchers((asked: readonly Asked<BeginRequest>[]) => this.#beginAll(asked), BATCH);
  readonly #settles = new Batchers((asked: readonly Asked<SettleRequest>[]) => this.#settleAll(asked), BATCH);

  constructor(store: Store) {
    this.#store = store;
  }

  async claim(sender: SenderKey, demand: ClaimDemand): Promise<ClaimBatch> {
    const { keys } = this.#store;
    const pool = keys.pool(sender);
    const routes = Object.entries(demand.routes);
    const exhausted = demand.exhausted ?? [];
    const reply = await this.#store.runGuarded(
      'queue-claim',
      pool.plan,
      [
        pool.plan,
        pool.campaigns,
        pool.senders,
        keys.claims(sender),
        pool.waiting,
        pool.schedule,
        pool.parked,
        pool.limited,
        keys.due(sender, { kind: 'Any' }),
        keys.due(sender, { kind: 'Esp' }),
        ...routes.map(([route]) => keys.due(sender, { kind: 'Route', route })),
        ...demand.campaigns.map((campaign) => keys.campaign({ ...sender, campaign }).outcomes),
      ],
      [
        sender.senderId,
        demand.esp,
        demand.any,
        routes.length,
        ...routes.flat(),
        exhausted.length,
        ...exhausted,
        ...demand.campaigns,
      ],
    );
    const [revision, nextDue, isCutShort, ...handedOut] = list(reply);
    if (revision !== '') this.#store.identity.note(pool.plan);
    const nextDueMs = optionalNumber(nextDue);
    return {
      claims: claimsOf(handedOut),
      planRevision: text(revision),
      isCutShort: isCutShort === 1,
      ...(nextDueMs !== undefined && { nextDueMs }),
    };
  }

  begin(sender: SenderKey, request: BeginRequest): Promise<BeginAnswer> {
    return this.#begins.call(nameOf(sender), { sender, request });
  }

  settle(sender: SenderKey, request: SettleRequest): Promise<SettleAnswer> {
    return this.#settles.call(nameOf(sender), { sender, request });
  }

  async reconcile(sender: SenderKey, held: readonly string[]): Promise<void> {
    await takeBack(this.#store, sender, { mode: 'reconcile', held });
  }

  async recover(pool: PoolKey): Promise<readonly UncertainMessage[]> {
    const { senders } = this.#store.keys.pool(pool);
    const dead = list(await this.#store.run('queue-dead', [senders], []));
    const uncertain: UncertainMessage[] = [];
    for (const senderId of dead.map(text)) {
      uncertain.push(...(await takeBack(this.#store, { ...pool, senderId }, { mode: 'recover', held: [] })));
    }
    return uncertain;
  }

  uncertain(pool: PoolKey, limit: number): Promise<readonly UncertainMessage[]> {
    return readUncertain(this.#store, pool, limit);
  }

  resolve(pool: PoolKey, key: MessageKey, evidence: Evidence, followUp?: FollowUp): Promise<SettleAnswer> {
    return resolveUncertain(this.#store, pool, { key, evidence, followUp });
  }

  restate(sender: SenderKey, restatement: Restatement): Promise<RestateAnswer[]> {
    return restateClaims(this.#store, sender, restatement);
  }

  async #beginAll(asked: readonly Asked<BeginRequest>[]): Promise<BeginAnswer[]> {
    const { sender } = firstOf(asked);
    const { keys } = this.#store;
    const { plan, lanes } = keys.pool(sender);
    const reply = await this.#store.runGuarded(
      'queue-begin',
      plan,
      [plan, lanes, keys.claims(sender)],
      [
        sender.senderId,
        ...asked.flatMap(({ request }) => [
          request.claim.token,
          request.route,
          request.laneFence,
          request.messageId,
          request.claim.key.campaign,
          attemptText(request),
        ]),
      ],
    );
    return list(reply).map((answer) => oneOf(['Ok', 'Fenced', 'Paused', 'LaneLost'], answer));
  }

  #settleAll(asked: readonly Asked<SettleRequest>[]): Promise<SettleAnswer[]> {
    const { sender } = firstOf(asked);
    return settleClaims(
      this.#store,
      sender,
      asked.map(({ request }) => request),
    );
  }
}

function nameOf({ namespace, pool, senderId }: SenderKey): string {
  return `${namespace}/${pool}/${senderId}`;
}

function firstOf<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined) throw new Error('a batch is never empty');
  return first;
}

/** Claims from a flat list of tokens and texts. */
function claimsOf(handedOut: readonly unknown[]): Claim[] {
  const claims: Claim[] = [];
  for (let index = 0; index < handedOut.length; index += 2) {
    claims.push(claimOf(text(handedOut[index]), text(handedOut[index + 1])));
  }
  return claims;
}

function claimOf(token: string, kept: string): Claim {
  const [
    campaign = '',
    step,
    row,
    attempts,
    first = '',
    waits = 'any',
    overflow = '',
    date = '',
    messageId = '',
  ] = kept.split('\t');
  return {
    key: { campaign, step: Number(step), row: Number(row) },
    token,
    attempts: Number(attempts),
    ...(first !== '' && { firstAttemptMs: Number(first) }),
    constraint: constraintOf(waits),
    overflow,
    ...(date !== '' && { repeatOf: { dateMs: Number(date), messageId } }),
  };
}
