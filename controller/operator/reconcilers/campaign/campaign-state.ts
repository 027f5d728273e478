import type { Campaign } from '../../../api/resource.ts';
import type { AudienceRequest } from '../../../domain/compile/compilation.ts';
import { BY_CAMPAIGN } from '../../caches.ts';
import type { CompiledNamespace } from '../../compilation/compiled-namespace.ts';
import type { LiveJob } from '../../objects/live-objects.ts';
import type { Desk } from '../desk.ts';

/** Where a campaign's audience stands. */
export interface AudienceState {
  readonly campaign: Campaign;
  /** Undefined when the campaign has no readable source: its problems say why. */
  readonly request: AudienceRequest | undefined;
  /** Which ledger it is brought into. */
  readonly ledgerId: string;
  /** Revision that the ledger holds: empty = none; undefined = not known. */
  readonly ledgerRevision: string | undefined;
  /** The request that this process last read into the ledger. */
  readonly imported: AudienceRequest | undefined;
  /** It was of no use, and will be of none until it changes. */
  readonly isUseless: boolean;
  /** Version of the Secret that holds the audience; undefined when it does not. */
  readonly secretVersion: string | undefined;
  /** Import Jobs of this campaign. */
  readonly jobs: readonly LiveJob[];
}

/** Stands for the version of a Secret that we may not watch: it is read once. */
const UNWATCHED = 'unwatched';

export function gatherAudience(
  desk: Desk,
  compiled: CompiledNamespace,
  campaign: Campaign,
  known: { readonly request: AudienceRequest; readonly fault?: object | undefined } | undefined,
): AudienceState {
  const { namespace, name, uid } = campaign.metadata;
  const request = compiled.audiences.get(name);
  const facts = desk.facts.pool(namespace, campaign.spec.poolRef.name);
  const jobs = desk.caches.jobs.cache.byIndex(BY_CAMPAIGN, `${namespace}/${name}`);
  return {
    campaign,
    request,
    ledgerId: desk.ledger.id,
    ledgerRevision: facts?.campaigns.get(name)?.audience.revision,
    imported: known?.request,
    isUseless: known?.fault !== undefined,
    secretVersion: request && secretVersion(desk, request),
    jobs: jobs.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid)),
  };
}

function secretVersion({ caches }: Desk, { location }: AudienceRequest): string | undefined {
  if (location.kind !== 'Secret') return undefined;
  if (caches.secrets === undefined) return UNWATCHED;
  return caches.secrets.cache.get(`${location.namespace}/${location.name}`)?.metadata.resourceVersion;
}
