import type { ConfigMap, ResourceSet, SecretFacts } from '../../api/resource.ts';
import { BY_NAMESPACE, type OperatorCaches } from '../caches.ts';
import type { KubeObject } from '../kube/resource.ts';
import { configMapsOf, secretsOf } from '../references.ts';
import type { ConfigMapContent } from './config-map-content.ts';

/** Everything of one namespace that is compiled into plans, as the caches show it now. */
export async function gatherNamespace(
  namespace: string,
  caches: OperatorCaches,
  content: ConfigMapContent,
  signal: AbortSignal,
): Promise<ResourceSet> {
  const { own } = caches;
  const declared = {
    mailboxes: own.Mailbox.cache.byIndex(BY_NAMESPACE, namespace),
    emailServiceProviders: own.EmailServiceProvider.cache.byIndex(BY_NAMESPACE, namespace),
    sendingPools: own.SendingPool.cache.byIndex(BY_NAMESPACE, namespace),
    suppressionLists: own.SuppressionList.cache.byIndex(BY_NAMESPACE, namespace),
    templates: own.Template.cache.byIndex(BY_NAMESPACE, namespace),
    campaigns: own.Campaign.cache.byIndex(BY_NAMESPACE, namespace),
  };
  const referring: readonly KubeObject[] = [
    ...declared.mailboxes,
    ...declared.emailServiceProviders,
    ...declared.sendingPools,
    ...declared.campaigns,
  ];
  const secrets = new Set(referring.flatMap(secretsOf));
  const configMaps = new Set([...declared.suppressionLists, ...declared.campaigns].flatMap(configMapsOf));
  content.keepOnly(namespace, configMaps);
  return {
    ...declared,
    secrets: existingSecrets(secrets, caches),
    configMaps: await existingConfigMaps(configMaps, caches, content, signal),
  };
}

/** Without the right to watch Secrets, each that is named is taken to be there. */
function existingSecrets(keys: ReadonlySet<string>, { secrets }: OperatorCaches): SecretFacts[] {
  return [...keys]
    .filter((key) => secrets === undefined || secrets.cache.get(key) !== undefined)
    .map((key) => {
      const slash = key.indexOf('/');
      return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
    });
}

async function existingConfigMaps(
  keys: ReadonlySet<string>,
  { configMaps }: OperatorCaches,
  content: ConfigMapContent,
  signal: AbortSignal,
): Promise<ConfigMap[]> {
  const found = await Promise.all(
    [...keys].map(async (key) => {
      const known = configMaps.cache.get(key);
      return known === undefined ? undefined : await content.read(known.metadata, signal);
    }),
  );
  return found.flatMap((configMap) => configMap ?? []);
}
