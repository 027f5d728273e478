import type { ConfigMap } from '../../api/resource.ts';
import { isNotFound } from '../kube/api-error.ts';
import type { ResourceClient } from '../kube/resource-client.ts';
import { refOf, type KubeObject } from '../kube/resource.ts';

interface ConfigMapObject extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * The content of the ConfigMaps that resources name, each read once per version. What nobody names is never read, and what nobody names
 * any more is forgotten.
 */
export class ConfigMapContent {
  readonly #client: ResourceClient<ConfigMapObject>;
  readonly #known = new Map<string, { readonly resourceVersion: string; readonly content: ConfigMap }>();

  constructor(client: ResourceClient<ConfigMapObject>) {
    this.#client = client;
  }

  /** The content of the version that the metadata shows, or of a later one; undefined when it is gone by now. */
  async read(metadata: KubeObject['metadata'], signal: AbortSignal): Promise<ConfigMap | undefined> {
    const { name, namespace = '', resourceVersion = '' } = metadata;
    const key = `${namespace}/${name}`;
    const known = this.#known.get(key);
    if (known?.resourceVersion === resourceVersion) return known.content;
    try {
      const { data = {} } = await this.#client.get(refOf(key), { signal });
      const content = { namespace, name, data };
      this.#known.set(key, { resourceVersion, content });
      return content;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#known.delete(key);
      return undefined;
    }
  }

  /** Keeps only what is still named. */
  keepOnly(namespace: string, keys: ReadonlySet<string>): void {
    for (const key of this.#known.keys()) {
      if (key.startsWith(`${namespace}/`) && !keys.has(key)) this.#known.delete(key);
    }
  }
}
