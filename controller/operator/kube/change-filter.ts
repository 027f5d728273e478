import type { KubeObject } from './resource.ts';
import { isSameValue } from './same-value.ts';

/**
 * For `Subscription.isRelevant` of the kind a controller reconciles: everything but changes of status.
 *
 * The generation only counts changes of spec, so labels, annotations (a "reconcile now" token is one), finalizers
 * and the start of a deletion are looked at too. Somebody wiping a status goes unnoticed until the next resync.
 */
export function isIntentChanged(before: KubeObject, after: KubeObject): boolean {
  const [old, now] = [before.metadata, after.metadata];
  if (now.generation === undefined || old.generation !== now.generation) return true;
  return (
    old.deletionTimestamp !== now.deletionTimestamp ||
    !isSameValue(old.labels, now.labels) ||
    !isSameValue(old.annotations, now.annotations) ||
    !isSameValue(old.finalizers, now.finalizers) ||
    !isSameValue(old.ownerReferences, now.ownerReferences)
  );
}

/**
 * For `Subscription.keysOf` of owned kinds: the key of the controlling owner of that kind, which lives in the
 * namespace of what it owns.
 */
export function controllerKeysOf(apiGroup: string, kind: string): (object: KubeObject) => string[] {
  return ({ metadata }) =>
    (metadata.ownerReferences ?? [])
      .filter(
        (owner) => owner.controller === true && owner.kind === kind && groupOf(owner.apiVersion) === apiGroup,
      )
      .map((owner) =>
        metadata.namespace === undefined ? owner.name : `${metadata.namespace}/${owner.name}`,
      );
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}
