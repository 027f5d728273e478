import { KINDS } from '../../controller/api/kinds.ts';
import type { KindName } from '../../controller/api/resource-kind.ts';
import { ApiError } from '../../controller/operator/kube/api-error.ts';
import { systemClock } from '../../controller/operator/kube/clock.ts';
import { accessFromKubeconfig } from '../../controller/operator/kube/kube-config.ts';
import { Transport } from '../../controller/operator/kube/transport.ts';
import type { Manifest } from '../builders/manifest.ts';

/** `check` is a creation that is not carried out. */
type Verb = 'create' | 'check' | 'replace';

/** Writes manifests of our kinds as kubectl does, unknown fields refused, without the price of starting it. */
export interface Api {
  /** Creates an object under a name of its own and returns it as it is stored. */
  readonly create: (manifest: Manifest) => Promise<Manifest>;
  /** The API server's words when it refuses; undefined when it does not. */
  readonly refusalOf: (verb: Verb, manifest: Manifest) => Promise<string | undefined>;
  readonly close: () => Promise<void>;
}

export async function connectApi(kubeconfig: string): Promise<Api> {
  const access = await accessFromKubeconfig([kubeconfig]);
  const transport = new Transport({ access, clock: systemClock, random: Math.random });
  const write = async (verb: Verb, manifest: Manifest): Promise<Manifest> => {
    const collection = `/apis/mailers.io/v1alpha1/namespaces/default/${KINDS[manifest.kind as KindName].plural}`;
    const operation = `${verb} ${manifest.kind}`;
    const query = `fieldValidation=Strict${verb === 'check' ? '&dryRun=All' : ''}`;
    if (verb !== 'replace') {
      return await transport.call({
        operation,
        method: 'POST',
        path: `${collection}?${query}`,
        body: manifest,
      });
    }
    const path = `${collection}/${manifest.metadata.name}`;
    const { metadata } = await transport.call<Manifest>({ operation, method: 'GET', path });
    const body = {
      ...manifest,
      metadata: { ...manifest.metadata, resourceVersion: metadata['resourceVersion'] },
    };
    return await transport.call({ operation, method: 'PUT', path: `${path}?${query}`, body });
  };
  return {
    create: (manifest) => write('create', manifest),
    refusalOf: async (verb, manifest) => {
      try {
        await write(verb, manifest);
        return undefined;
      } catch (error) {
        if (error instanceof ApiError && (error.status === 422 || error.status === 400)) return error.detail;
        throw error;
      }
    },
    close: () => transport.close(),
  };
}
