import type { Reason } from '../../../controller/api/reasons.ts';
import type { KindName } from '../../../controller/api/resource-kind.ts';
import type { AnyResource } from '../../../controller/api/resource.ts';
import { campaignStatus } from '../../../controller/domain/status/campaign-status.ts';
import { suppressionListStatus, templateStatus } from '../../../controller/domain/status/document-status.ts';
import { espStatus } from '../../../controller/domain/status/esp-status.ts';
import { mailboxStatus } from '../../../controller/domain/status/mailbox-status.ts';
import { poolStatus } from '../../../controller/domain/status/pool-status.ts';
import { aLaneState, aUsage } from '../../builders/facts.ts';
import { aPlanMailbox } from '../../builders/plan.ts';
import { aReportCampaign } from '../../builders/report.ts';
import { aCampaign, aList, aMailbox, anEsp, aPool, aTemplate } from '../../builders/resource.ts';

/** What is to be so of a resource. */
export interface Circumstances {
  readonly isSuspended?: true;
  /** Something is wrong with it, for this reason. */
  readonly fault?: Reason;
}

/** The object as `kubectl get` shows it after the operator has looked at it, with the status that the operator computes. */
export type ObservedResource = AnyResource & {
  metadata: { generation: number; deletionTimestamp?: string };
};

const metadata = { generation: 2 };
const nowMs = Date.UTC(2026, 10, 24, 9);

function moment({ kind, metadata: { namespace, name } }: AnyResource, fault: Reason | undefined) {
  const object = { kind, namespace, name };
  const message = `what ${fault} means`;
  const problems =
    fault === undefined
      ? []
      : [{ object, field: 'spec.field', reason: fault, message, severity: 'Error' } as const];
  return { problems, nowMs };
}

const makers: Record<KindName, (circumstances: Circumstances) => AnyResource> = {
  Mailbox: ({ isSuspended, fault }) => {
    const mailbox = aMailbox('anna', { metadata, spec: { suspend: isSuspended ?? false } });
    const placement = { pool: 'outreach', route: aPlanMailbox() };
    const facts = { mailbox, placement, usage: aUsage(), lane: aLaneState() };
    return { ...mailbox, status: mailboxStatus(facts, moment(mailbox, fault)) };
  },
  EmailServiceProvider: ({ isSuspended, fault }) => {
    const esp = anEsp('relay', { metadata, spec: { suspend: isSuspended ?? false } });
    return { ...esp, status: espStatus({ esp, places: [] }, moment(esp, fault)) };
  },
  SendingPool: ({ isSuspended, fault }) => {
    const pool = aPool('outreach', { metadata, spec: { suspend: isSuspended ?? false } });
    const senders = { replicas: 1, ready: 1, selector: 'a=b' };
    const ledger = { reason: 'LedgerDurable', message: 'append-only file on' } as const;
    return { ...pool, status: poolStatus({ pool, senders, ledger }, moment(pool, fault)) };
  },
  SuppressionList: ({ fault }) => {
    const list = aList('blocked', { metadata });
    return { ...list, status: suppressionListStatus(list, {}, moment(list, fault)) };
  },
  Template: ({ fault }) => {
    const template = aTemplate('greeting', { metadata });
    return { ...template, status: templateStatus(template, {}, moment(template, fault)) };
  },
  Campaign: ({ isSuspended, fault }) => {
    const campaign = aCampaign('spring', { metadata, spec: { suspend: isSuspended ?? false } });
    return {
      ...campaign,
      status: campaignStatus({ campaign, report: aReportCampaign() }, moment(campaign, fault)),
    };
  },
};

/** A resource of the kind in these circumstances. */
export function anObservedResource(kind: KindName, circumstances: Circumstances = {}): ObservedResource {
  return makers[kind](circumstances) as ObservedResource;
}
