/** Brings what was compiled into the ledger, in the order in which it must become true. */
import type { Plan } from '../../api/plan.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Log } from '../kube/log.ts';
import type { PoolKey } from '../../domain/ports/queue-ledger.ts';
import { objectKey, type CompiledNamespace } from './compiled-namespace.ts';

type PublicationLedger = Pick<Ledger, 'id' | 'suppression' | 'plans' | 'audience'>;

/** Whose plans these are in the ledger: all operators' that share it, whoever leads. */
const KEEPER = 'operator';

/** What this process knows to be in force in one namespace. */
interface InForce {
  readonly lists: Map<string, string>;
  readonly plans: Map<string, Plan>;
}

/**
 * Publishes what differs from what this process published before; two that do so at a time are harmless, since publishing the same again
 * changes nothing. A pool's first publication looks at the plan that an earlier leader left, so that campaigns which were deleted in between are
 * cancelled all the same; so are lists and pools that were deleted while no operator looked: see `findLeftBehind`.
 */
export class Publisher {
  readonly #ledger: PublicationLedger;
  readonly #log: Log;
  readonly #inForce = new Map<string, InForce>();
  #ledgerId: string;
  /** By namespace: pools that have a plan in the ledger which this process did not publish. */
  #leftBehind = new Map<string, PoolKey[]>();

  constructor(ledger: PublicationLedger, log: Log) {
    this.#ledger = ledger;
    this.#ledgerId = ledger.id;
    this.#log = log;
  }

  /** The plan that is in force as far as we know. */
  planInForce(namespace: string, pool: string): Plan | undefined {
    // A ledger that took the place of a lost one has nothing of what we published.
    if (this.#ledgerId !== this.#ledger.id) return undefined;
    return this.#inForce.get(namespace)?.plans.get(pool);
  }

  /** The ledger does not hold what we published: publish everything of the namespace again. */
  forget(namespace: string): void {
    this.#inForce.delete(namespace);
  }

  /**
   * Looks for plans that were published by whoever led before, and answers their namespaces: `publish` withdraws those of pools that are not
   * declared any more. Rejects with LedgerUnavailable.
   */
  async findLeftBehind(): Promise<string[]> {
    const kept = await this.#ledger.plans.kept(KEEPER);
    const strange = kept.filter(({ namespace, pool }) => this.planInForce(namespace, pool) === undefined);
    this.#leftBehind = Map.groupBy(strange, ({ namespace }) => namespace);
    return [...this.#leftBehind.keys()];
  }

  /** Rejects with LedgerUnavailable: call again, what was done before is not done twice. */
  async publish(compiled: CompiledNamespace): Promise<void> {
    const { namespace } = compiled;
    if (this.#ledgerId !== this.#ledger.id) this.#inForce.clear();
    this.#ledgerId = this.#ledger.id;
    const known = this.#inForce.get(namespace) ?? (await this.#listsInForce(namespace));
    this.#inForce.set(namespace, known);
    await this.#publishLists(compiled, known);
    for (const plan of compiled.plans.values()) await this.#publishPlan(plan, known);
    await this.#withdrawPools(compiled, known);
    await this.#withdrawLeftBehind(compiled);
    await this.#forgetLists(compiled, known);
  }

  /** Lists outlive the process that published them; what is in force already need not be written again. */
  async #listsInForce(namespace: string): Promise<InForce> {
    const lists = await this.#ledger.suppression.published(namespace);
    return { lists: new Map(lists), plans: new Map() };
  }

  /** Before the plans: no plan may be in force without the lists it names. */
  async #publishLists({ namespace, suppression }: CompiledNamespace, known: InForce): Promise<void> {
    for (const [list, { revision, addresses, domains }] of suppression) {
      if (known.lists.get(list) === revision) continue;
      await this.#ledger.suppression.publish(namespace, list, { revision, addresses, domains });
      known.lists.set(list, revision);
    }
  }

  async #publishPlan(plan: Plan, known: InForce): Promise<void> {
    const before = known.plans.get(plan.pool) ?? (await this.#read(plan));
    if (known.plans.get(plan.pool)?.revision === plan.revision) return;
    await this.#ledger.plans.publish(plan, KEEPER);
    await this.#cancelCampaigns(before, new Set(plan.campaigns.map(({ name }) => name)));
    known.plans.set(plan.pool, plan);
  }

  async #read(key: PoolKey): Promise<Plan | undefined> {
    try {
      return await this.#ledger.plans.read(key);
    } catch (error) {
      if (!(error instanceof Error) || error.name.startsWith('Ledger')) throw error;
      // Written by a newer version, or damaged: the one we publish takes its place.
      this.#log.warn({ pool: key.pool, err: error }, 'Failed to read the plan in force');
      return undefined;
    }
  }

  async #cancelCampaigns(before: Plan | undefined, declared: ReadonlySet<string>): Promise<void> {
    if (before === undefined) return;
    const { namespace, pool } = before;
    for (const { name } of before.campaigns) {
      if (declared.has(name)) continue;
      const cancelled = await this.#ledger.audience.cancel({ namespace, pool, campaign: name });
      this.#log.info(
        { namespace, campaign: name, cancelled },
        'Cancelled the messages of a deleted campaign',
      );
    }
  }

  async #withdrawPools(compiled: CompiledNamespace, known: InForce): Promise<void> {
    const { namespace } = compiled;
    for (const [pool, plan] of known.plans) {
      if (compiled.plans.has(pool)) continue;
      await this.#ledger.plans.withdraw({ namespace, pool }, KEEPER);
      await this.#cancelCampaigns(plan, new Set());
      known.plans.delete(pool);
    }
  }

  async #withdrawLeftBehind({ namespace, plans }: CompiledNamespace): Promise<void> {
    for (const key of this.#leftBehind.get(namespace) ?? []) {
      if (plans.has(key.pool)) continue;
      const plan = await this.#read(key);
      await this.#cancelCampaigns(plan, new Set());
      await this.#ledger.plans.withdraw(key, KEEPER);
      this.#log.info({ ...key }, 'Withdrew the plan of a pool that was deleted meanwhile');
    }
    this.#leftBehind.delete(namespace);
  }

  /** After the plans: none names them any more, or the plan is blocked and says why. */
  async #forgetLists({ namespace, versions }: CompiledNamespace, known: InForce): Promise<void> {
    for (const list of known.lists.keys()) {
      if (versions.has(objectKey('SuppressionList', list))) continue;
      await this.#ledger.suppression.forget(namespace, list);
      known.lists.delete(list);
    }
  }
}
