/**
 * The verbs of the Kubernetes API on one kind of object.
 *
 *     const deployments = new ResourceClient<Deployment>(transport, DEPLOYMENT);
 *     await deployments.apply(deployment, { fieldManager: 'mailers' });
 *     await mailboxes.applyStatus(mailbox, { fieldManager: 'mailers' });
 *     await deployments.delete({ namespace, name }, { preconditions: { uid } });
 *
 * `metadataOnly` clients see names, labels and versions but never content: for Secrets, whose data must not pass
 * through this process, and for ConfigMaps in general.
 */
import { isExpired } from './api-error.ts';
import { withQuery, type Query } from './query.ts';
import {
  apiVersionOf,
  collectionPath,
  keyOf,
  objectPath,
  resourceNameOf,
  type Intent,
  type KubeObject,
  type ObjectRef,
  type ResourceType,
} from './resource.ts';
import type { Call, Transport } from './transport.ts';

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Default 30 s. */
  timeoutMs?: number;
}

export interface ListOptions extends CallOptions {
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Objects per page. Default 500, as client-go; 0 asks for everything in one answer. */
  limit?: number;
}

export interface ApplyOptions extends CallOptions {
  /** Who owns the fields. Every field we ever set and leave out is removed, so always apply the whole intent. */
  fieldManager: string;
  /** Take fields from other managers. Default true: a controller's intent wins over hand edits. */
  force?: boolean;
}

export interface DeleteOptions extends CallOptions {
  /** Refuses (409) when the object is not the one we saw. */
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  gracePeriodSeconds?: number;
}

type PatchType = 'merge' | 'json';

export interface PatchOptions extends CallOptions {
  type: PatchType;
  subresource?: string;
  fieldManager?: string;
}

/** A page, or the whole, of a collection. */
export interface ObjectList<T> {
  metadata: { resourceVersion?: string; continue?: string };
  items: T[];
}

export interface ResourceClientOptions {
  metadataOnly?: boolean;
}

const APPLY_PATCH = 'application/apply-patch+yaml';
const PATCH_TYPES: Record<PatchType, string> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
};
const METADATA_OBJECT = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const PAGE_SIZE = 500;

export class ResourceClient<T extends KubeObject = KubeObject> {
  readonly type: ResourceType;
  readonly transport: Transport;
  readonly #isMetadataOnly: boolean;
  readonly #resourceName: string;

  constructor(transport: Transport, type: ResourceType, options: ResourceClientOptions = {}) {
    this.transport = transport;
    this.type = type;
    this.#isMetadataOnly = options.metadataOnly ?? false;
    this.#resourceName = resourceNameOf(type);
  }

  /** The Accept header of a watch or a single object. */
  get accept(): string {
    return this.#isMetadataOnly ? METADATA_OBJECT : 'application/json';
  }

  /** @throws ApiError 404 when it is not there: `isNotFound`. */
  get(ref: ObjectRef, options: CallOptions = {}): Promise<T> {
    return this.transport.call<T>({
      ...options,
      operation: this.#describe('get', ref),
      method: 'GET',
      path: objectPath(this.type, ref),
      accept: this.accept,
    });
  }

  /** One page; pass `metadata.continue` of the answer to get the next. */
  listPage(options: ListOptions = {}, continueToken?: string): Promise<ObjectList<T>> {
    const { namespace, labelSelector, fieldSelector, limit = PAGE_SIZE, ...call } = options;
    const query: Query = {
      labelSelector,
      fieldSelector,
      limit: limit === 0 ? undefined : limit,
      continue: continueToken,
    };
    return this.transport.call<ObjectList<T>>({
      ...call,
      operation: `list ${this.#resourceName}`,
      method: 'GET',
      path: withQuery(collectionPath(this.type, namespace), query),
      accept: this.#isMetadataOnly ? METADATA_LIST : 'application/json',
    });
  }

  /**
   * The whole collection, page by page; `onPage` may take each page away before the next is fetched.
   * When the pages expire half way (the cluster compacted its history) everything is fetched again in one answer, as
   * client-go does, and `restart` is called first.
   * @returns the resourceVersion to watch from.
   */
  async listPages(options: ListOptions, onPage: (items: T[]) => void, restart: () => void): Promise<string> {
    let token: string | undefined;
    try {
      for (;;) {
        const page = await this.listPage(options, token);
        onPage(page.items);
        token = page.metadata.continue || undefined;
        if (token === undefined) return page.metadata.resourceVersion ?? '';
      }
    } catch (error) {
      if (token === undefined || !isExpired(error)) throw error;
    }
    restart();
    const everything = await this.listPage({ ...options, limit: 0 });
    onPage(everything.items);
    return everything.metadata.resourceVersion ?? '';
  }

  /** The whole collection at once, for small ones; caches use `listPages`. */
  async list(options: ListOptions = {}): Promise<T[]> {
    const items: T[] = [];
    await this.listPages(
      options,
      (page) => items.push(...page),
      () => items.splice(0),
    );
    return items;
  }

  /** @throws ApiError 409 when the name is taken: `isConflict`. */
  create(object: T, options: CallOptions & { fieldManager?: string } = {}): Promise<T> {
    const { fieldManager, ...call } = options;
    return this.transport.call<T>({
      ...call,
      operation: this.#describe('create', object.metadata),
      method: 'POST',
      path: withQuery(collectionPath(this.type, object.metadata.namespace), { fieldManager }),
      body: this.#typed(object),
    });
  }

  /** Replaces the object; with `metadata.resourceVersion`, only when nobody changed it since (else ApiError 409). */
  update(object: T, options: CallOptions & { fieldManager?: string } = {}): Promise<T> {
    const { fieldManager, ...call } = options;
    return this.transport.call<T>({
      ...call,
      operation: this.#describe('update', object.metadata),
      method: 'PUT',
      path: withQuery(objectPath(this.type, object.metadata), { fieldManager }),
      body: this.#typed(object),
    });
  }

  /** Server-side apply: makes the object, or sets exactly these fields of it. */
  apply(intent: Intent, options: ApplyOptions): Promise<T> {
    return this.transport.call<T>(this.#applyCall(intent, options));
  }

  /**
   * Server-side apply of the status subresource: `intent` needs only its identity and `status`. Gives nothing back: the
   * cache will show it, and there are many of these.
   */
  async applyStatus(intent: Intent, options: ApplyOptions): Promise<void> {
    await this.transport.send(this.#applyCall(intent, options, 'status'));
  }

  /** A merge patch (an object) or a JSON patch (a list of operations). */
  patch(ref: ObjectRef, body: unknown, options: PatchOptions): Promise<T> {
    const { type, subresource, fieldManager, ...call } = options;
    return this.transport.call<T>({
      ...call,
      operation: this.#describe('patch', ref, subresource),
      method: 'PATCH',
      path: withQuery(objectPath(this.type, ref, subresource), { fieldManager }),
      contentType: PATCH_TYPES[type],
      body,
    });
  }

  /** @throws ApiError 404 when it is gone already, 409 when a precondition fails. */
  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<void> {
    const { preconditions, propagationPolicy, gracePeriodSeconds, ...call } = options;
    await this.transport.send({
      ...call,
      operation: this.#describe('delete', ref),
      method: 'DELETE',
      path: objectPath(this.type, ref),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions,
        propagationPolicy: propagationPolicy ?? 'Background',
        gracePeriodSeconds,
      },
    });
  }

  #applyCall(intent: Intent, options: ApplyOptions, subresource?: string): Call {
    const { fieldManager, force = true, ...call } = options;
    return {
      ...call,
      operation: this.#describe('apply', intent.metadata, subresource),
      method: 'PATCH',
      path: withQuery(objectPath(this.type, intent.metadata, subresource), { fieldManager, force }),
      contentType: APPLY_PATCH,
      body: this.#typed(intent),
      accept: this.accept,
    };
  }

  #typed<O extends KubeObject>(object: O): O {
    return { ...object, apiVersion: apiVersionOf(this.type), kind: this.type.kind };
  }

  #describe(verb: string, ref: ObjectRef, subresource?: string): string {
    const what = subresource === undefined ? this.#resourceName : `${this.#resourceName}/${subresource}`;
    return `${verb} ${what} ${keyOf(ref)}`;
  }
}
