import { blocking, type Finding } from './problem.ts';
import type { ResourceIndex } from './resource-index.ts';

/** A Secret that an object refers to, and the keys it must have. */
export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
  readonly keys: readonly string[];
  /** Path of the reference, e.g. `spec.auth.appPassword.secretRef`. */
  readonly field: string;
}

function listed(keys: readonly string[]): string {
  return keys.length === 1 ? `key ${keys[0]}` : `keys ${keys.join(', ')}`;
}

/** What is wrong with the reference. Keys are checked only where their names are known: a cluster's operator does not read Secrets. */
export function checkSecret(index: ResourceIndex, reference: SecretReference): Finding[] {
  const { namespace, name, keys, field } = reference;
  const secret = index.secrets.get(namespace, name);
  if (secret === undefined) {
    const message = `Secret ${name} does not exist in namespace ${namespace}: create it with the ${listed(keys)}`;
    return [blocking(`${field}.name`, 'SecretNotFound', message)];
  }
  const known = secret.keys;
  if (known === undefined) return [];
  const missing = keys.filter((key) => !known.includes(key));
  if (missing.length === 0) return [];
  const message = `Secret ${name} in namespace ${namespace} lacks the ${listed(missing)}: add it to the Secret, or refer to the right one`;
  return [blocking(field, 'SecretKeyNotFound', message)];
}
