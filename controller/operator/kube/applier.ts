/**
 * Server-side apply that writes only when there is something to change.
 *
 *     const applier = new Applier('mailers');
 *     await applier.apply(deployments, cache.get(key), buildDeployment(pool), { signal });
 *
 * Besides `wouldChange` it remembers, for every object, how the server answered the last apply: an intent the server
 * rewrites (defaults inside lists, `1000m` to `1`) is applied once and then known to be satisfied.
 */
import { createHash } from 'node:crypto';
import { ownedTree, ownedValues, wouldChange } from './owned-fields.ts';
import type { CallOptions, ResourceClient } from './resource-client.ts';
import { keyOf, resourceNameOf, type Intent, type KubeObject } from './resource.ts';

export type ApplyOutcome = 'Applied' | 'Unchanged';

/** Fingerprints of an intent and of what the server made of it. */
interface Answered {
  intent: string;
  owned: string;
  /** Version of the live object that it was applied to: while the cache still shows that one, the answer is on its way. */
  over: string | undefined;
}

export class Applier {
  readonly #fieldManager: string;
  readonly #answers = new Map<string, Answered>();

  constructor(fieldManager: string) {
    this.#fieldManager = fieldManager;
  }

  /** Applies `intent` unless the live object (from a cache with `keepManagedFieldsOf`) satisfies it already. */
  async apply<T extends KubeObject>(
    client: ResourceClient<T>,
    live: T | undefined,
    intent: Intent,
    options: CallOptions = {},
  ): Promise<ApplyOutcome> {
    if (!wouldChange(live, intent, this.#fieldManager)) return 'Unchanged';
    const name = `${resourceNameOf(client.type)} ${keyOf(intent.metadata)}`;
    const intentPrint = fingerprint(intent);
    const answered = this.#answers.get(name);
    if (live !== undefined && answered?.intent === intentPrint) {
      const isOnItsWay = answered.over !== undefined && answered.over === live.metadata.resourceVersion;
      if (isOnItsWay || answered.owned === this.#ownedPrint(live)) return 'Unchanged';
    }
    const applied = await client.apply(intent, { ...options, fieldManager: this.#fieldManager });
    const over = live?.metadata.resourceVersion;
    this.#answers.set(name, { intent: intentPrint, owned: this.#ownedPrint(applied), over });
    return 'Applied';
  }

  /** The object is gone for good. */
  forget(client: Pick<ResourceClient, 'type'>, key: string): void {
    this.#answers.delete(`${resourceNameOf(client.type)} ${key}`);
  }

  #ownedPrint(object: KubeObject): string {
    const tree = ownedTree(object, this.#fieldManager);
    return tree === undefined ? 'nothing' : fingerprint(ownedValues(tree, object));
  }
}

function fingerprint(value: unknown): string {
  return createHash('sha1').update(JSON.stringify(value)).digest('base64');
}
