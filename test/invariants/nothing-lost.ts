import type { AttemptRecord } from '../../controller/api/attempt.ts';
import type { ReportCampaign } from '../../controller/api/report.ts';
import type { Evidence, Violation } from './evidence.ts';

/**
 * Invariant 3: every message and every audience row ends in exactly one terminal outcome, or visibly waits with a reason and a time.
 */
export function lossViolations(evidence: Evidence): Violation[] {
  const campaigns = evidence.report.pools.flatMap((pool) => pool.campaigns);
  const texts = [
    ...campaigns.flatMap((campaign) => figuresOf(campaign)),
    ...campaigns.flatMap((campaign) => waitingOf(campaign, evidence.report.complete)),
    ...audiences(evidence, campaigns),
    ...continued(evidence.attempts),
  ];
  return texts.map((text) => ({ invariant: 'NothingLost', text }));
}

function figuresOf(campaign: ReportCampaign): string[] {
  const { name, total, rows } = campaign;
  const ended =
    campaign.delivered + campaign.failed + campaign.suppressed + campaign.uncertain + campaign.cancelled;
  const open = campaign.pending + campaign.inFlight + campaign.deferred;
  const faults: string[] = [];
  if (ended + open !== total) {
    faults.push(`Campaign ${name} has ${total} messages, but ${ended} ended and ${open} are open.`);
  }
  if (rows.accepted + rows.invalid + rows.duplicate !== rows.read) {
    faults.push(
      `Campaign ${name} read ${rows.read} rows, but accepted ${rows.accepted}, found ${rows.invalid} invalid and ${rows.duplicate} twice.`,
    );
  }
  if (total < rows.accepted) {
    faults.push(`Campaign ${name} accepted ${rows.accepted} rows, but has only ${total} messages.`);
  }
  return faults;
}

function waitingOf(campaign: ReportCampaign, isComplete: boolean): string[] {
  const { name, pending, inFlight, deferred } = campaign;
  const open = pending + inFlight + deferred;
  if (open === 0) return [];
  const faults: string[] = [];
  if (isComplete) faults.push(`The report is complete, but campaign ${name} has ${open} open messages.`);
  if (campaign.state === 'Complete') faults.push(`Campaign ${name} is Complete with ${open} open messages.`);
  if (campaign.state !== 'Sending' && campaign.message === '') {
    faults.push(`Campaign ${name} waits with ${open} messages and says not why.`);
  }
  if (deferred > 0 && campaign.nextAttempt === '') {
    faults.push(`Campaign ${name} has ${deferred} deferred messages and says not when they are tried.`);
  }
  return faults;
}

function audiences(evidence: Evidence, campaigns: readonly ReportCampaign[]): string[] {
  return (evidence.audiences ?? []).flatMap((expected) => {
    const found = campaigns.find(({ name }) => name === expected.campaign);
    if (found === undefined) return [`Campaign ${expected.campaign} is not in the report.`];
    return found.rows.accepted === expected.accepted
      ? []
      : [
          `Campaign ${expected.campaign} accepted ${found.rows.accepted} rows instead of ${expected.accepted}.`,
        ];
  });
}

/** Messages that were attempted again after their end. */
function continued(attempts: readonly AttemptRecord[]): string[] {
  const ended = new Map<string, AttemptRecord>();
  const faults: string[] = [];
  for (const record of [...attempts].sort((a, b) => a.attempt - b.attempt)) {
    const key = `${record.namespace}/${record.pool}/${record.campaign}/${record.step}/${record.row}`;
    const end = ended.get(key);
    if (end !== undefined) {
      faults.push(`Message ${key} was ${end.outcome} by attempt ${end.attempt}, then tried again.`);
    }
    if (record.outcome !== 'Deferred' && record.outcome !== 'Uncertain') ended.set(key, record);
  }
  return faults;
}
