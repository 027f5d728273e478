import { RECONCILE_AT } from '../../../api/conditions.ts';
import type { Reason } from '../../../api/reasons.ts';
import type { Campaign } from '../../../api/resource.ts';
import type { AudienceRequest } from '../../../domain/compile/compilation.ts';
import { importJobName, type SecretAudience } from '../../objects/import-job.ts';
import type { LiveJob } from '../../objects/live-objects.ts';
import type { AudienceState } from './campaign-state.ts';

/** Why an audience cannot be read, for the condition. */
export interface AudienceFault {
  readonly reason: Reason;
  readonly message: string;
}

/** What to do about an audience. */
export type AudienceDecision =
  | { readonly kind: 'Nothing'; readonly fault?: AudienceFault }
  /** The operator has the rows itself: inline, or in a ConfigMap that it read. */
  | { readonly kind: 'Import'; readonly request: AudienceRequest; readonly text: string }
  /** The rows are in a Secret, which the operator does not read: a Job does. */
  | { readonly kind: 'RunJob'; readonly audience: SecretAudience; readonly stale: readonly LiveJob[] }
  /** A person wants it tried again: with the note of the failure gone, the Job is made anew. */
  | { readonly kind: 'ForgetJobs'; readonly stale: readonly LiveJob[] }
  | { readonly kind: 'JobFailed'; readonly fault: AudienceFault; readonly stale: readonly LiveJob[] };

const NOTHING: AudienceDecision = { kind: 'Nothing' };

/** What must happen so that the ledger holds the audience as it is declared: pure. */
export function decideAudience(state: AudienceState): AudienceDecision {
  const { request, imported, isUseless, ledgerRevision } = state;
  if (request === undefined) return NOTHING;
  const { location } = request;
  if (location.kind === 'File') return { kind: 'Nothing', fault: noVolume(location.path) };
  if (location.kind === 'Secret') return decideJob(state, request, location);
  // Looked at by identity: compiling the same text again gives another request.
  const isImported = imported !== undefined && JSON.stringify(imported) === JSON.stringify(request);
  if (isImported && (isUseless || ledgerRevision !== '')) return NOTHING;
  return { kind: 'Import', request, text: location.text };
}

function decideJob(
  { campaign, secretVersion, jobs, ledgerId }: AudienceState,
  request: AudienceRequest,
  { name, key }: { readonly name: string; readonly key: string },
): AudienceDecision {
  if (secretVersion === undefined) return NOTHING;
  const audience = { request, secret: { name, key, resourceVersion: secretVersion } };
  const jobName = importJobName(campaign, audience, ledgerId);
  const stale = jobs.filter(({ metadata }) => metadata.name !== jobName);
  const job = jobs.find(({ metadata }) => metadata.name === jobName);
  const hasFailed = job?.status?.conditions?.some(
    ({ type, status }) => type === 'Failed' && status === 'True',
  );
  if (hasFailed === true && isRepeatAsked(campaign, job)) return { kind: 'ForgetJobs', stale: jobs };
  if (hasFailed === true) return { kind: 'JobFailed', fault: failed(jobName, name), stale };
  return { kind: 'RunJob', audience, stale };
}

/** The annotation is another one than when the Job was made. */
function isRepeatAsked(campaign: Campaign, job: LiveJob | undefined): boolean {
  const asked = campaign.metadata.annotations?.[RECONCILE_AT];
  return asked !== undefined && asked !== job?.metadata.annotations?.[RECONCILE_AT];
}

function noVolume(path: string): AudienceFault {
  const message = `file ${path} is for "mailers run": a cluster has no such file; put the rows into a Secret (secretRef) or a ConfigMap (configMapRef)`;
  return { reason: 'FileNotFound', message };
}

function failed(job: string, secret: string): AudienceFault {
  const message = `the audience in Secret ${secret} could not be read: "kubectl logs job/${job}" says why; correct the Secret, and it is read again; so it is when the annotation ${RECONCILE_AT} of the Campaign changes`;
  return { reason: 'AudienceInvalid', message };
}
