import type { Plan } from '../../../api/plan.ts';
import { compile } from '../../../domain/compile/compile.ts';
import type { Policy } from '../../../domain/policy/policy.ts';
import { LedgerLost, LedgerUnavailable } from '../../../domain/ports/ledger.ts';
import {
  changedObjects,
  compiledNamespace,
  objectKey,
  type CompiledNamespace,
} from '../../compilation/compiled-namespace.ts';
import { BY_NAMESPACE } from '../../caches.ts';
import type { ConfigMapContent } from '../../compilation/config-map-content.ts';
import { gatherNamespace } from '../../compilation/namespace-resources.ts';
import type { Reconcile } from '../../kube/reconcile.ts';
import { foreignLedger } from '../../objects/expected-ledger.ts';
import type { Desk } from '../desk.ts';

export interface NamespaceParts {
  readonly policy: Policy;
  readonly content: ConfigMapContent;
  /** These objects (`kind/name`) of the namespace are to be reconciled. */
  readonly wake: (namespace: string, keys: Iterable<string>) => void;
  /** Told how long a compilation took: who brings changes waits accordingly. */
  readonly onCompiled: (durationMs: number) => void;
}

/** Pause before the ledger is tried again, ms. */
const LEDGER_RETRY_MS = 2_000;

/**
 * Compiles a namespace as a whole, publishes what came out, and wakes the objects about which there is something new to say. Everything else
 * follows from that, so that no status speaks of a version that was not compiled.
 */
export function namespaceReconciler(desk: Desk, parts: NamespaceParts): Reconcile {
  /** Objects that are to be woken, whatever happens on the way; and again when the ledger is back. */
  const owed = new Map<string, Set<string>>();
  return async (namespace, { signal }) => {
    const resources = await gatherNamespace(namespace, desk.caches, parts.content, signal);
    const startedMs = desk.clock.monotonic();
    const after = compiledNamespace(namespace, resources, compile(resources, parts.policy));
    const changed = changedObjects(desk.compiled.get(namespace), after);
    parts.onCompiled(desk.clock.monotonic() - startedMs);
    desk.compiled.set(namespace, after);
    const keys = new Set([...(owed.get(namespace) ?? []), ...changed, ...lostByLedger(desk, after)]);
    owed.set(namespace, keys);
    const isPublished = await publish(desk, after);
    if (isPublished) owed.delete(namespace);
    else owed.set(namespace, new Set(namesOfPublished(after)));
    parts.wake(namespace, keys);
    if (after.versions.size === 0 && isPublished) desk.compiled.delete(namespace);
    return isPublished ? {} : { requeueAfterMs: LEDGER_RETRY_MS, reason: 'LedgerUnavailable' };
  };
}

/** Of plans that are not in force in the ledger (any more), all: what was read into it with them is gone, too. */
function lostByLedger({ publisher }: Desk, compiled: CompiledNamespace): string[] {
  const isInForce = ({ namespace, pool }: Plan) => publisher.planInForce(namespace, pool) !== undefined;
  return [...compiled.plans.values()].every(isInForce) ? [] : namesOfPublished(compiled);
}

/** What says of itself whether it is in force. */
function namesOfPublished({ plans, campaigns }: CompiledNamespace): string[] {
  return [
    ...[...plans.keys()].map((pool) => objectKey('SendingPool', pool)),
    ...[...campaigns.keys()].map((campaign) => objectKey('Campaign', campaign)),
  ];
}

/** The plans come into force; then the pools that are new or changed are read, so that statuses are right the first time. */
async function publish(desk: Desk, compiled: CompiledNamespace): Promise<boolean> {
  const { namespace } = compiled;
  try {
    await refuseForeignLedger(desk, namespace);
    await desk.publisher.publish(compiled);
    const pools = desk.facts.follow(namespace, compiled.plans);
    await desk.facts.refresh(namespace, pools);
    await desk.time.look();
    desk.losses.delete(namespace);
    return true;
  } catch (error) {
    if (!(error instanceof LedgerUnavailable || error instanceof LedgerLost)) throw error;
    if (error instanceof LedgerLost)
      desk.losses.set(namespace, { reason: 'LedgerLost', message: error.message });
    desk.log.warn({ namespace, err: error }, 'Failed to publish to the ledger');
    return false;
  }
}

/**
 * Sender pods carry the id of the ledger that their work is in. One that is neither this ledger nor replaced by it was left behind, e.g. by an
 * operator that was made anew together with its Redis.
 */
async function refuseForeignLedger(
  { caches, ledger, confirmCommand }: Desk,
  namespace: string,
): Promise<void> {
  const look = () => foreignLedger(caches.deployments.cache.byIndex(BY_NAMESPACE, namespace), ledger);
  if (look() === undefined) return;
  // A ledger learns only by a question that a person let it replace another one.
  await ledger.now();
  const foreign = look();
  if (foreign === undefined) return;
  throw new LedgerLost(
    `the sender pods of this namespace worked with the ledger ${foreign}, and Redis has ${ledger.id}: nothing is sent, because what was sent before is not known there; give the operator the Redis of that ledger, or confirm that it is lost (${confirmCommand} --lost ${foreign})`,
  );
}
