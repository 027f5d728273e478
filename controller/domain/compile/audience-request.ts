import type { Campaign } from '../../api/resource.ts';
import type { AudienceLocation, AudienceRequest } from './compilation.ts';
import { blocking, type Finding } from './problem.ts';
import type { ResourceIndex } from './resource-index.ts';
import { checkSecret } from './secret-reference.ts';

type Located = { readonly location?: AudienceLocation; readonly findings: readonly Finding[] };

const FIELD = 'spec.audience';

function inConfigMap(
  index: ResourceIndex,
  namespace: string,
  reference: { readonly name: string; readonly key: string },
): Located {
  const { name, key } = reference;
  const configMap = index.configMaps.get(namespace, name);
  if (configMap === undefined) {
    const message = `ConfigMap ${name} does not exist in namespace ${namespace}: create it with the key ${key}`;
    return { findings: [blocking(`${FIELD}.configMapRef.name`, 'ConfigMapNotFound', message)] };
  }
  const text = configMap.data[key];
  if (text === undefined) {
    const message = `ConfigMap ${name} in namespace ${namespace} lacks the key ${key}: add it, or refer to the right one`;
    return { findings: [blocking(`${FIELD}.configMapRef.key`, 'ConfigMapKeyNotFound', message)] };
  }
  return { location: { kind: 'Text', text }, findings: [] };
}

function locate(index: ResourceIndex, campaign: Campaign): Located {
  const { namespace } = campaign.metadata;
  const { inline, configMapRef, secretRef, file } = campaign.spec.audience;
  if (inline !== undefined) return { location: { kind: 'Text', text: inline }, findings: [] };
  if (configMapRef !== undefined) return inConfigMap(index, namespace, configMapRef);
  if (file !== undefined) return { location: { kind: 'File', path: file.path }, findings: [] };
  if (secretRef !== undefined) {
    const { name, key } = secretRef;
    const findings = checkSecret(index, { namespace, name, keys: [key], field: `${FIELD}.secretRef` });
    return findings.length > 0
      ? { findings }
      : { location: { kind: 'Secret', namespace, name, key }, findings };
  }
  const message = 'names no source: set one of inline, configMapRef, secretRef, file';
  return { findings: [blocking(FIELD, 'AudienceInvalid', message)] };
}

/** What is to be read for a campaign, or what keeps it from being read. */
export function audienceRequest(
  index: ResourceIndex,
  campaign: Campaign,
): { readonly request?: AudienceRequest; readonly findings: readonly Finding[] } {
  const { location, findings } = locate(index, campaign);
  if (location === undefined) return { findings };
  const { format, emailColumn } = campaign.spec.audience;
  const { namespace, name } = campaign.metadata;
  const key = { namespace, pool: campaign.spec.poolRef.name, campaign: name };
  return { request: { key, location, format, emailColumn }, findings };
}
