import { RECONCILE_AT } from '../../../api/conditions.ts';
import type { Campaign } from '../../../api/resource.ts';
import { AudienceUnreadable } from '../../../domain/audience/audience-unreadable.ts';
import type { AudienceRequest } from '../../../domain/compile/compilation.ts';
import type { Problem } from '../../../domain/compile/problem.ts';
import { LedgerLost, LedgerUnavailable } from '../../../domain/ports/ledger.ts';
import type { Reconcile } from '../../kube/reconcile.ts';
import { importJob } from '../../objects/import-job.ts';
import { compilationOf, type Desk } from '../desk.ts';
import { applyOwned } from '../owned-objects.ts';
import { decideAudience, type AudienceDecision, type AudienceFault } from './audience-decision.ts';
import { gatherAudience } from './campaign-state.ts';
import { reportCampaign } from './campaign-report.ts';

/** What this process knows of a campaign's audience beyond the ledger. */
interface Known {
  readonly uid: string | undefined;
  readonly request: AudienceRequest;
  /** Why the source is of no use, as it was when it was tried. */
  readonly fault: AudienceFault | undefined;
  /** What the Campaign's annotation said then: a fault is looked at again when it says something else. */
  readonly reconcileAt: string | undefined;
}

/** A Campaign's audience is brought into the ledger; the senders do the rest. */
export function campaignReconciler(desk: Desk): Reconcile {
  const known = new Map<string, Known>();
  return async (key, { signal }) => {
    const campaign = desk.caches.own.Campaign.cache.get(key);
    if (campaign === undefined) known.delete(key);
    const compiled = campaign && compilationOf(desk, 'Campaign', campaign);
    if (campaign === undefined || compiled === undefined) return { reason: 'gone, or about to be compiled' };
    const before = known.get(key);
    const imported = isOver(before, campaign) ? undefined : before;
    const state = gatherAudience(desk, compiled, campaign, imported);
    const decision = isPublished(desk, campaign) ? decideAudience(state) : ({ kind: 'Nothing' } as const);
    const fault = await applyAudience(desk, { campaign, decision, signal }, (request, found) =>
      known.set(key, { ...identityOf(campaign), request, fault: found }),
    );
    reportCampaign(
      desk,
      compiled,
      campaign,
      problemsOf(campaign, fault ?? standing(state.request, known.get(key))),
    );
    return {};
  };
}

function identityOf({ metadata }: Campaign): Pick<Known, 'uid' | 'reconcileAt'> {
  return { uid: metadata.uid, reconcileAt: metadata.annotations?.[RECONCILE_AT] };
}

/** What is known is of another campaign of that name, or is a fault that somebody wants looked at again. */
function isOver(known: Known | undefined, campaign: Campaign): boolean {
  const { uid, reconcileAt } = identityOf(campaign);
  return known?.uid !== uid || (known?.fault !== undefined && known.reconcileAt !== reconcileAt);
}

/** A fault stands until the source changes. */
function standing(request: AudienceRequest | undefined, known: Known | undefined): AudienceFault | undefined {
  return request === undefined ? undefined : known?.fault;
}

/** Rows wait for their plan: what is imported can be sent at once. */
function isPublished(desk: Desk, campaign: Campaign): boolean {
  const { namespace, name } = campaign.metadata;
  const plan = desk.publisher.planInForce(namespace, campaign.spec.poolRef.name);
  return plan?.campaigns.some((candidate) => candidate.name === name) ?? false;
}

interface AudienceWork {
  readonly campaign: Campaign;
  readonly decision: AudienceDecision;
  readonly signal: AbortSignal;
}

async function applyAudience(
  desk: Desk,
  { campaign, decision, signal }: AudienceWork,
  remember: (request: AudienceRequest, fault: AudienceFault | undefined) => void,
): Promise<AudienceFault | undefined> {
  if (decision.kind === 'Nothing') return decision.fault;
  if (decision.kind === 'Import') {
    const fault = await importText(desk, decision.request, decision.text);
    if (fault !== 'LedgerAway') remember(decision.request, fault);
    return fault === 'LedgerAway' ? undefined : fault;
  }
  const { jobs } = desk.caches;
  const settings = { ...desk.settings, ledgerId: desk.ledger.id };
  const intents = decision.kind === 'RunJob' ? [importJob(campaign, decision.audience, settings)] : [];
  await applyOwned(jobs, { intents, stale: decision.stale }, desk.applier, signal);
  return decision.kind === 'JobFailed' ? decision.fault : undefined;
}

async function importText(
  desk: Desk,
  request: AudienceRequest,
  text: string,
): Promise<AudienceFault | 'LedgerAway' | undefined> {
  const { key } = request;
  try {
    await desk.importAudience(request, text);
    await desk.facts.refresh(key.namespace, [key.pool]);
    return undefined;
  } catch (error) {
    if (error instanceof AudienceUnreadable) return { reason: 'AudienceInvalid', message: error.message };
    // The facts tell everybody when it is back, and this campaign is looked at again.
    if (error instanceof LedgerUnavailable || error instanceof LedgerLost) return 'LedgerAway';
    throw error;
  }
}

function problemsOf(campaign: Campaign, fault: AudienceFault | undefined): Problem[] {
  if (fault === undefined) return [];
  const { namespace, name } = campaign.metadata;
  const object = { kind: 'Campaign', namespace, name } as const;
  return [{ object, field: 'spec.audience', severity: 'Error', ...fault }];
}
