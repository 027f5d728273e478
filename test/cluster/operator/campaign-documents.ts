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
/** Everything that one campaign needs. */
export const everything = (): Document[] => [
  secret('anna'),
  mailboxManifest(),
  poolManifest({ suppressionLists: ['blocked'] }),
  suppressionListManifest(),
  templateManifest(),
  campaignManifest(),
];
