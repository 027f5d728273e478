import type { Collection } from '../caches.ts';
import { isConflict, isNotFound } from '../kube/api-error.ts';
import type { Applier } from '../kube/applier.ts';
import { keyOf, type Intent, type KubeObject } from '../kube/resource.ts';

/** Makes the objects what they should be, and deletes those that should not be; nothing is sent when nothing changes. */
export async function applyOwned<T extends KubeObject>(
  { cache, client }: Collection<T>,
  wanted: { readonly intents: readonly Intent[]; readonly stale: readonly KubeObject[] },
  applier: Applier,
  signal: AbortSignal,
): Promise<void> {
  for (const intent of wanted.intents) {
    const live = cache.get(keyOf(intent.metadata));
    await applier.apply(client, live, intent, { signal });
  }
  for (const { metadata } of wanted.stale) {
    if (metadata.deletionTimestamp !== undefined) continue;
    const { uid = '' } = metadata;
    try {
      await client.delete(metadata, { preconditions: { uid }, signal });
    } catch (error) {
      // Gone already, or made anew by somebody: either way not the one that we meant.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    applier.forget(client, keyOf(metadata));
  }
}
