import type { AttemptRecord } from '../api/attempt.ts';
import type {
  BeginAnswer,
  BeginRequest,
  Claim,
  ClaimBatch,
  ClaimDemand,
  MessageKey,
  PoolKey,
  QueueLedger,
  SenderKey,
  SettleAnswer,
  SettleRequest,
  UncertainMessage,
} from '../domain/ports/queue-ledger.ts';
import { classOf, constraintOf } from './keys.ts';
import { list, oneOf, optionalNumber, text } from './reply.ts';
import type { Argument } from './scripts.ts';
import type { Store } from './store.ts';
import { takeBack } from './take-back.ts';
import { readUncertain, resolveUncertain } from './uncertain.ts';

/** Attempt records kept per pool; older ones are dropped, about. */
const ATTEMPTS_KEPT = 100_000;

/** The queue of a pool in Redis. See lua/queue-*.lua. */
export class RedisQueueLedger implements QueueLedger {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async claim(sender: SenderKey, demand: ClaimDemand): Promise<ClaimBatch> {
    const { keys } = this.#store;
    const pool = keys.pool(sender);
    const routes = Object.entries(demand.routes);
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
        keys.due(sender, { kind: 'Any' }),
        keys.due(sender, { kind: 'Esp' }),
        ...routes.map(([route]) => keys.due(sender, { kind: 'Route', route })),
        ...demand.campaigns.map((campaign) => keys.campaign({ ...sender, campaign }).outcomes),
      ],
      [sender.senderId, demand.esp, demand.any, routes.length, ...routes.flat(), ...demand.campaigns],
    );
    const [revision, nextDue, ...handedOut] = list(reply);
    if (revision !== '') this.#store.identity.note(pool.plan);
    const nextDueMs = optionalNumber(nextDue);
    return {
      claims: claimsOf(handedOut),
      planRevision: text(revision),
      ...(nextDueMs !== undefined && { nextDueMs }),
    };
  }

  async begin(sender: SenderKey, request: BeginRequest): Promise<BeginAnswer> {
    const { keys } = this.#store;
    const { plan, lanes } = keys.pool(sender);
    const { claim, route, laneFence, messageId } = request;
    const reply = await this.#store.runGuarded(
      'queue-begin',
      plan,
      [plan, lanes, keys.claims(sender)],
      [claim.token, sender.senderId, route, laneFence, messageId, claim.key.campaign],
    );
    return oneOf(['Ok', 'Fenced', 'Paused', 'LaneLost'], reply);
  }

  async settle(sender: SenderKey, request: SettleRequest): Promise<SettleAnswer> {
    const { keys } = this.#store;
    const pool = keys.pool(sender);
    const { campaign } = request.claim.key;
    const waits =
      request.settlement.kind !== 'Terminal' ? request.settlement.constraint : { kind: 'Any' as const };
    const reply = await this.#store.runGuarded(
      'queue-settle',
      pool.plan,
      [
        pool.plan,
        pool.campaigns,
        keys.claims(sender),
        pool.waiting,
        pool.schedule,
        pool.uncertain,
        pool.settled,
        pool.routes,
        pool.attempts,
        keys.due(sender, waits),
        keys.due(sender, { kind: 'Any' }),
        keys.campaign({ ...sender, campaign }).outcomes,
      ],
      settleArguments(request),
    );
    return oneOf(['Ok', 'Fenced'], reply);
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

  resolve(pool: PoolKey, key: MessageKey, evidence: 'Delivered' | 'NotAccepted'): Promise<SettleAnswer> {
    return resolveUncertain(this.#store, pool, { key, evidence });
  }
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
  const [campaign = '', step, row, attempts, first = '', waits = 'any', overflow = ''] = kept.split('\t');
  return {
    key: { campaign, step: Number(step), row: Number(row) },
    token,
    attempts: Number(attempts),
    ...(first !== '' && { firstAttemptMs: Number(first) }),
    constraint: constraintOf(waits),
    overflow,
  };
}

function settleArguments(request: SettleRequest): Argument[] {
  const { claim, record, followUp } = request;
  const { campaign, step, row } = claim.key;
  return [
    claim.token,
    campaign,
    step,
    row,
    ...endOf(request),
    request.route ?? '',
    ...(record === undefined ? ['', '', '', ''] : recordArguments(record)),
    followUp?.step ?? '',
    followUp?.dueInMs ?? 0,
    ATTEMPTS_KEPT,
  ];
}

/** Kind, outcome, due in ms, class, overflow. */
function endOf({ settlement, record }: SettleRequest): Argument[] {
  if (settlement.kind === 'Terminal') {
    return [settlement.kind, settlement.outcome, 0, 'any', record?.overflow ?? ''];
  }
  return [settlement.kind, '', settlement.dueInMs, classOf(settlement.constraint), settlement.overflow];
}

/** JSON, Message-ID, reply, and its text when it is not an acceptance. */
function recordArguments(record: AttemptRecord): Argument[] {
  const reply = `${record.code} ${record.enhancedCode}`;
  const words = record.code === 0 ? [record.clientError, record.text] : [reply.trim(), record.text];
  const bad = record.class === 'accepted' ? '' : words.filter((word) => word !== '').join(' ');
  return [JSON.stringify(record), record.messageId, reply, bad];
}
