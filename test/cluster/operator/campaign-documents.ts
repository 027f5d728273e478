import {
  campaignManifest,
  mailboxManifest,
  poolManifest,
  suppressionListManifest,
  templateManifest,
} from '../../builders/manifest.ts';
import type { Document } from './operator-world.ts';

export const secret = (
  name: string,
  data: Readonly<Record<string, string>> = { appPassword: 'abcdefghijklmnop' },
) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData: data,
});
export const configMap = (name: string, data: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
/** What sender pods need besides: the operator only looks whether it is there. */
export const ledgerSecret = () => secret('mailers-redis', { url: 'redis://redis.invalid:6379' });
/** Everything that one campaign needs. */
export const everything = (): Document[] => [
  ledgerSecret(),
  secret('anna'),
  mailboxManifest(),
  poolManifest({ suppressionLists: ['blocked'] }),
  suppressionListManifest(),
  templateManifest(),
  campaignManifest(),
];
