import type { AudienceSource } from '../../api/campaign.ts';
import type { Plan } from '../../api/plan.ts';
import type { CampaignKey } from '../ports/audience-ledger.ts';
import type { Problem } from './problem.ts';

/** Where an audience's rows are. */
export type AudienceLocation =
  | { readonly kind: 'Text'; readonly text: string }
  | { readonly kind: 'Secret'; readonly namespace: string; readonly name: string; readonly key: string }
  /** As declared: relative to the manifest (standalone) or absolute within the mounted volume (cluster). */
  | { readonly kind: 'File'; readonly path: string };

/** An audience to be read into the ledger. */
export interface AudienceRequest {
  readonly key: CampaignKey;
  readonly location: AudienceLocation;
  readonly format: AudienceSource['format'];
  readonly emailColumn: string;
}

/** The declared entries of a suppression list, as the suppression ledger takes them. */
export interface SuppressionPublication {
  readonly namespace: string;
  readonly list: string;
  /** Hash of the entries: equal lists have the same revision. */
  readonly revision: string;
  /** Address keys, see `domain/address`. */
  readonly addresses: readonly string[];
  /** Domains, subdomains included. */
  readonly domains: readonly string[];
  /** Entries that people declared, for status: an address has more than one key. */
  readonly entries: number;
}

/** All that follows from a set of resources. The order of everything follows from namespaces and names alone. */
export interface Compilation {
  readonly plans: readonly Plan[];
  readonly problems: readonly Problem[];
  readonly audiences: readonly AudienceRequest[];
  /** Lists that could not be read in full are missing here: what was published of them before stays in force. */
  readonly suppression: readonly SuppressionPublication[];
}

export interface CompileOptions {
  /** Length of the `Day` window in ms, for tests and demonstrations; the `Hour` window is its 24th part. Default 24 h. */
  readonly windowMs?: number;
}
