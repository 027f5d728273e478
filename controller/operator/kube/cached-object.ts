import type { StringPool } from './string-pool.ts';
import { isSameValue } from './same-value.ts';
import { apiVersionOf, type KubeObject, type ObjectMeta, type ResourceType } from './resource.ts';

export interface CachedObjectOptions<T extends KubeObject> {
  /** Keeps the applies of this field manager; all other managedFields (a third of many objects) are dropped. */
  keepManagedFieldsOf?: string | undefined;
  /** What the cache holds of the object so far. */
  before?: T | undefined;
  /** Shared by the objects of a cache. */
  strings?: StringPool | undefined;
}

/**
 * What the cache keeps of an object the API server sent: typed (items of lists come without apiVersion and kind), and frozen, so that a
 * reconciler that tries to change it fails loudly instead of lying to all others. A spec of the same generation and owner references that did
 * not change are those of the former state, the very same: nobody need look at them again, and ten thousand objects whose status changes
 * leave no second specs behind.
 */
export function cachedObject<T extends KubeObject>(
  object: T,
  type: ResourceType,
  { keepManagedFieldsOf, before, strings }: CachedObjectOptions<T> = {},
): T {
  const { managedFields, ...metadata } = object.metadata;
  const kept: ObjectMeta = metadata;
  if (keepManagedFieldsOf !== undefined) {
    kept.managedFields = (managedFields ?? []).filter(
      (entry) => entry.manager === keepManagedFieldsOf && entry.operation === 'Apply' && !entry.subresource,
    );
  }
  const cached: T & { spec?: unknown } = {
    ...object,
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: kept,
  };
  if (before !== undefined && before.metadata.uid === kept.uid) shareParts(cached, before);
  settle(cached, strings);
  return cached;
}

/** Whether indexers, which see spec and owner references, would find the same in both. */
export function hasSameParts(before: KubeObject, after: KubeObject): boolean {
  const [one, other]: (KubeObject & { spec?: unknown })[] = [before, after];
  return (
    one?.spec !== undefined &&
    one.spec === other?.spec &&
    before.metadata.ownerReferences === after.metadata.ownerReferences
  );
}

function shareParts(cached: KubeObject & { spec?: unknown }, before: KubeObject & { spec?: unknown }): void {
  const [now, former] = [cached.metadata, before.metadata];
  if (now.generation !== undefined && now.generation === former.generation && before.spec !== undefined)
    cached.spec = before.spec;
  if (former.ownerReferences !== undefined && isSameValue(former.ownerReferences, now.ownerReferences))
    now.ownerReferences = former.ownerReferences;
  if (former.labels !== undefined && isSameValue(former.labels, now.labels)) now.labels = former.labels;
}

/**
 * Every event passes here: Object.keys makes this three times as fast as for … in. What is frozen already is shared, all of it; of the rest, strings
 * that others have as well are theirs.
 */
function settle(value: object, strings: StringPool | undefined): void {
  const fields = value as Record<string, unknown>;
  for (const field of Object.keys(value)) {
    const part = fields[field];
    if (typeof part === 'string') {
      if (strings !== undefined) fields[field] = strings.share(part);
    } else if (typeof part === 'object' && part !== null && !Object.isFrozen(part)) settle(part, strings);
  }
  Object.freeze(value);
}
