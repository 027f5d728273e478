import type { Plan, PlanCampaign, PlanStep } from '../api/plan.ts';
import type { Reason } from '../api/reasons.ts';
import { messageIdOf } from '../domain/message/message-id.ts';
import { renderMessage } from '../domain/message/render-message.ts';
import { signUnsubscribeToken } from '../domain/message/unsubscribe-token.ts';
import type { AudienceRow } from '../domain/ports/audience-ledger.ts';
import type { Claim, MessageKey } from '../domain/ports/queue-ledger.ts';
import type { OutgoingMessage } from '../domain/ports/route.ts';
import { keyedFor, type Keyed } from '../domain/repeat.ts';
import { senderOf, type Sender } from '../domain/routing/sender-of.ts';
import type { Delivery, DeliveryContext } from './delivery-context.ts';
import { campaignOf } from './plan-lookup.ts';

export type PreparedAnswer =
  | {
      readonly kind: 'Ready';
      readonly row: AudienceRow;
      readonly message: OutgoingMessage;
      readonly keyed: Keyed | undefined;
    }
  | PreparedEnd
  /** The plan stopped the campaign while the message was in our hands: it waits in the queue. */
  | { readonly kind: 'Paused' }
  /** Nothing can be made here now, by no fault of the message: it waits, and so does the lane. */
  | { readonly kind: 'Missing'; readonly reason: Reason; readonly problem: string };

/** Cancelled: its campaign or step was withdrawn while it was in our hands. Failed: it cannot be made. */
interface PreparedEnd {
  readonly kind: 'Ended';
  readonly outcome: 'Cancelled' | 'Failed';
  readonly problem: string;
}

interface Parts {
  readonly plan: Plan;
  readonly campaign: PlanCampaign;
  readonly step: PlanStep;
  readonly row: AudienceRow;
  readonly sender: Sender;
}

/** Makes the message that a claim stands for, as it looks on this route: the From follows the route, the Message-ID does not. */
export async function prepareMessage(context: DeliveryContext, delivery: Delivery): Promise<PreparedAnswer> {
  const parts = await gather(context, delivery);
  if ('kind' in parts) return parts;
  const { plan, row, sender } = parts;
  const unsubscribeUrl = await unsubscribeUrlOf(context, plan, delivery.claim.key);
  if (plan.unsubscribe && unsubscribeUrl === undefined) return unsigned(plan, plan.unsubscribe);
  const { messageId, dateMs } = delivery.claim.repeatOf ?? {
    messageId: idOf(plan, delivery.claim.key, row),
    dateMs: Math.floor(context.ledgerClock.now()),
  };
  const route = delivery.lane.plan;
  const keyed = route.kind === 'ESP' ? keyedFor(route.idempotency, dateMs) : undefined;
  const request = {
    template: parts.step.template,
    row,
    purpose: plan.purpose,
    pool: { namespace: plan.namespace, name: plan.pool },
    postalAddress: plan.postalAddress,
    unsubscribeUrl,
    unsubscribeMailto: plan.unsubscribe?.mailto,
    sender,
    replyTo: parts.campaign.replyTo,
    messageId,
    dateMs,
    idempotencyHeader: keyed?.header,
  };
  const rendered = renderMessage(request, context.templates);
  if ('problem' in rendered) return failed(rendered.problem);
  const message = { envelopeFrom: sender.address, recipient: row.address, messageId, raw: rendered.raw };
  return { kind: 'Ready', row, message, keyed };
}

function idOf(plan: Plan, { campaign, step }: MessageKey, row: AudienceRow): string {
  const { namespace, pool, messageIdDomain: domain } = plan;
  return messageIdOf({ namespace, pool, campaign, step, recipientKey: row.key, domain });
}

function failed(problem: string): PreparedEnd {
  return { kind: 'Ended', outcome: 'Failed', problem };
}

/** The Secret may exist and its file not yet: the kubelet writes it some time later. */
function unsigned(plan: Plan, { signingKey }: NonNullable<Plan['unsubscribe']>): PreparedAnswer {
  const { name, key } = signingKey;
  const problem = `Secret ${name} in namespace ${plan.namespace} has not reached this sender with the key ${key} that signs unsubscribe links: create it, or wait`;
  return { kind: 'Missing', reason: 'SecretKeyNotFound', problem };
}

async function gather(
  context: DeliveryContext,
  delivery: Delivery,
): Promise<Parts | PreparedEnd | { readonly kind: 'Paused' }> {
  const plan = context.plan();
  const { key } = delivery.claim satisfies Claim;
  const campaign = campaignOf(plan, key);
  if (campaign?.blocked) return { kind: 'Paused' };
  const step = campaign?.steps[key.step];
  if (!campaign || !step)
    return {
      kind: 'Ended',
      outcome: 'Cancelled',
      problem: `step ${key.step} of campaign ${key.campaign} is no longer declared`,
    };
  const { namespace, pool } = plan;
  const row = await context.audience.row({ namespace, pool, campaign: key.campaign }, key.row);
  if (!row)
    return failed(`row ${key.row} of the audience of campaign ${key.campaign} is missing in the ledger`);
  const sender = senderOf(campaign, delivery.lane.plan);
  return 'problem' in sender ? failed(sender.problem) : { plan, campaign, step, row, sender };
}

async function unsubscribeUrlOf(
  context: DeliveryContext,
  plan: Plan,
  key: MessageKey,
): Promise<string | undefined> {
  if (!plan.unsubscribe) return undefined;
  const signingKey = await context.signingKey();
  if (!signingKey) return undefined;
  const token = signUnsubscribeToken(signingKey, { namespace: plan.namespace, pool: plan.pool, ...key });
  return `${plan.unsubscribe.baseUrl.replace(/\/$/, '')}/${token}`;
}
