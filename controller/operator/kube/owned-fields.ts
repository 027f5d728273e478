/**
 * What a field manager owns of an object, and whether applying an intent would change any of it: pure.
 *
 * The API server writes down which fields each manager applied (`managedFields`), list keys and sets included, so no
 * schema is needed to know that a sidecar somebody else injected is not ours, that a field we no longer want must go,
 * or that a field of ours was taken over. The order of keyed lists is not compared.
 */
import { isDeepStrictEqual } from 'node:util';
import type { FieldTree, Intent, KubeObject } from './resource.ts';

/** The tree of fields that `fieldManager` has applied to the object, status aside; undefined when it never did. */
export function ownedTree(object: KubeObject, fieldManager: string): FieldTree | undefined {
  return object.metadata.managedFields?.find(
    ({ manager, operation, subresource }) =>
      manager === fieldManager && operation === 'Apply' && !subresource,
  )?.fieldsV1;
}

/**
 * Whether applying `intent` as `fieldManager` would change the live object. Needs the cache to keep that manager's
 * managedFields (`keepManagedFieldsOf`); errs on the side of applying, which the server turns into a no-op. It does so
 * for values the server rewrites (`1000m` to `1`): write them as the server does, or use an `Applier`, which remembers.
 */
export function wouldChange(live: KubeObject | undefined, intent: Intent, fieldManager: string): boolean {
  const tree = live && ownedTree(live, fieldManager);
  if (live === undefined || tree === undefined) return true;
  return !isSame(tree, withoutIdentity(intent), live);
}

/** Whether the live status differs from the intended one, all of it: for statuses that nobody else writes. */
export function statusWouldChange(live: { status?: unknown } | undefined, status: unknown): boolean {
  return !isDeepStrictEqual(live?.status, status);
}

/** The values the tree names, in a form to compare with a former one. */
export function ownedValues(tree: FieldTree, live: unknown): unknown {
  const steps = stepsOf(tree);
  if (steps.length === 0) return live;
  return Object.fromEntries(steps.map(([step, below]) => [step, ownedValues(below, follow(live, step))]));
}

/** Names an object rather than being part of it: the server lists these among nobody's fields. */
function withoutIdentity(intent: Intent): object {
  const { apiVersion: _, kind: __, metadata, ...rest } = intent;
  const { name: ___, namespace: ____, ...owned } = metadata;
  return Object.keys(owned).length > 0 ? { ...rest, metadata: owned } : rest;
}

function isSame(tree: FieldTree, intent: unknown, live: unknown): boolean {
  const steps = stepsOf(tree);
  if (steps.length === 0) return isDeepStrictEqual(intent, live);
  if (sizeOf(intent) !== steps.length) return false;
  return steps.every(([step, below]) => {
    const wanted = follow(intent, step);
    return wanted !== undefined && isSame(below, wanted, follow(live, step));
  });
}

function stepsOf(tree: FieldTree): [string, FieldTree][] {
  return Object.entries(tree).filter(([step]) => step !== '.');
}

/** How many fields or elements there are; fields that are undefined are not sent. */
function sizeOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).filter((part) => part !== undefined).length;
}

/** One step down: `f:name` into a field, `k:{…}` to the list element with these keys, `v:…` to the member of a set. */
function follow(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const rest = step.slice(2);
  if (step.startsWith('f:')) return Reflect.get(value, rest);
  if (!Array.isArray(value)) return undefined;
  if (step.startsWith('k:')) return value.find((element) => hasKeys(element, JSON.parse(rest)));
  if (step.startsWith('v:')) return value.find((member) => isDeepStrictEqual(member, JSON.parse(rest)));
  return undefined;
}

/** A key that an element leaves out is one that the server fills in, such as a port's protocol. */
function hasKeys(element: object, keys: object): boolean {
  return Object.entries(keys).every(([name, key]) => {
    const own: unknown = Reflect.get(element, name);
    return own === undefined || own === key;
  });
}
