/**
 * The shape of Kubernetes objects and the addresses they live at. Objects are raw JSON as the API server sends it:
 * times are strings, unknown fields survive.
 */

interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** One field manager's entry; `fieldsV1` is the tree of the fields it owns. */
interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  subresource?: string;
  fieldsV1?: FieldTree;
}

/** A node of `fieldsV1`: `f:` names a field, `k:` a list element by its keys, `v:` a set member, `.` the node itself. */
export interface FieldTree {
  [step: string]: FieldTree;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
}

/** Anything with an identity. Kinds add `spec`, `status`, … in their own types. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** What a server-side apply asks for: an identity and exactly the fields that we want to own. */
export interface Intent extends KubeObject {
  spec?: object;
  status?: object;
  data?: object;
  automountServiceAccountToken?: boolean;
}

/** Which collection of the API an object belongs to. */
export interface ResourceType {
  /** Empty for the core group. */
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

/** The `apiVersion` field of objects of this type, such as `apps/v1`, or `v1` in the core group. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** How people name the type: `deployments.apps`, or `secrets` in the core group. */
export function resourceNameOf(type: ResourceType): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/** The path of the collection, in one namespace or (without) in all of them. */
export function collectionPath(type: ResourceType, namespace?: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  if (!type.namespaced || namespace === undefined) return `${root}/${type.plural}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${type.plural}`;
}

/** Names an object inside its collection. */
export interface ObjectRef {
  name: string;
  namespace?: string | undefined;
}

/**
 * The path of one object, or of its subresource.
 * @throws when a namespaced object is named without a namespace, which would otherwise address the wrong collection.
 */
export function objectPath(type: ResourceType, ref: ObjectRef, subresource?: string): string {
  if (type.namespaced && ref.namespace === undefined) {
    throw new Error(
      `${type.kind} ${ref.name} was addressed without its namespace: pass { namespace, name }.`,
    );
  }
  const path = `${collectionPath(type, ref.namespace)}/${encodeURIComponent(ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** The key of an object in caches and queues: `namespace/name`, or `name` where there is no namespace. */
export function keyOf(ref: ObjectRef): string {
  return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** The opposite of `keyOf`. Neither names nor namespaces can contain a slash. */
export function refOf(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash === -1 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
