import { INVALID_CAMPAIGNS } from './campaigns.ts';
import type { InvalidManifest } from './invalid-manifest.ts';
import { INVALID_MAILBOXES } from './mailboxes.ts';
import { INVALID_POOLS, INVALID_PROVIDERS } from './pools.ts';

/** Manifests that must be refused, each for one fault. */
export const INVALID_MANIFESTS: readonly InvalidManifest[] = [
  ...INVALID_MAILBOXES,
  ...INVALID_PROVIDERS,
  ...INVALID_POOLS,
  ...INVALID_CAMPAIGNS,
];
