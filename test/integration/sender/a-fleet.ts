import { onTestFinished } from 'vitest';
import type { ReportCampaign } from '../../../controller/api/report.ts';
import type { SandboxConfigInput } from '../../../controller/api/sandbox-config.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { Fleet } from '../../fleet/fleet.ts';
import { accounts, campaign, esp, mailbox, pool, recipients, template } from '../../fleet/fleet-manifests.ts';
import { expectInvariants } from '../../invariants/check-invariants.ts';
import type { Evidence } from '../../invariants/evidence.ts';

export interface FleetShape {
  readonly mailboxes?: readonly string[];
  readonly esps?: readonly string[];
  /** Recipients r0@shop.example … of the campaign `launch`. */
  readonly recipients: number;
  readonly sandbox?: SandboxConfigInput;
}

/** A fleet for one test, without senders yet: its mailboxes, ESPs and campaign are in force. It ends with the test. */
export async function aFleet(shape: FleetShape): Promise<Fleet> {
  const { mailboxes = ['anna'], esps = [] } = shape;
  const fleet = await Fleet.start({ sandbox: { ...accounts(mailboxes, esps), ...shape.sandbox } });
  onTestFinished(() => fleet.end());
  const { sandbox } = fleet;
  await fleet.write('mailboxes.yaml', ...mailboxes.map((name) => mailbox(sandbox, name)));
  await fleet.write('pool.yaml', pool(mailboxes, esps), template, ...esps.map((name) => esp(sandbox, name)));
  await fleet.write('campaign.yaml', campaign(recipients(shape.recipients)));
  await fleet.publish();
  return fleet;
}

/** Figures of a campaign now. */
export async function campaignOf(fleet: Fleet, name = 'launch'): Promise<ReportCampaign> {
  const found = (await fleet.report()).pools.flatMap(({ campaigns }) => campaigns);
  const campaign = found.find((one) => one.name === name);
  if (!campaign) throw new Error(`no campaign ${name} in the report`);
  return campaign;
}

/** Waits for figures of a campaign and returns them. */
export function untilCampaign(
  fleet: Fleet,
  what: string,
  condition: (campaign: ReportCampaign) => boolean,
  options: { readonly name?: string; readonly timeoutMs?: number } = {},
): Promise<ReportCampaign> {
  const asked = async (): Promise<ReportCampaign | undefined> => {
    const campaign = await campaignOf(fleet, options.name);
    return condition(campaign) ? campaign : undefined;
  };
  return waitUntil(what, asked, { timeoutMs: options.timeoutMs ?? 30_000, intervalMs: 20 });
}

/** Waits until only so many messages are with senders, and every other one has its end. */
export function untilOnlyInFlight(fleet: Fleet, count: number): Promise<ReportCampaign> {
  return untilCampaign(
    fleet,
    `all but ${count} messages have their end`,
    ({ pending, inFlight, deferred }) => pending + deferred === 0 && inFlight === count,
  );
}

export function untilDone(fleet: Fleet, timeoutMs = 30_000, name = 'launch'): Promise<ReportCampaign> {
  const isDone = ({ pending, inFlight, deferred }: ReportCampaign) => pending + inFlight + deferred === 0;
  return untilCampaign(fleet, 'every message has its end', isDone, { name, timeoutMs });
}

/** Transactions that providers saw for a recipient. */
export function seenBy(fleet: Fleet, recipient: string) {
  return mailOf(fleet).filter(({ rcpts }) => rcpts.includes(recipient));
}

export function mailOf(fleet: Fleet) {
  return fleet.sandbox.wireLog.transactions().filter(({ kind }) => kind === 'Transaction');
}

/** Checks the invariants against what the fleet left behind. */
export async function expectKept(fleet: Fleet, changes: Partial<Evidence> = {}): Promise<void> {
  expectInvariants(await fleet.evidence(changes));
}
