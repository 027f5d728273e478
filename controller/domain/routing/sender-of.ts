import type { PlanCampaign, PlanEsp, PlanMailbox, PlanRoute } from '../../api/plan.ts';
import { foldCase } from '../address/canonical-address.ts';
import { parseAddress } from '../address/parse-address.ts';

/** Who a message is from. */
export interface Sender {
  readonly address: string;
  readonly displayName: string;
}

/** Why a route has no From for a campaign, and what to do. */
export interface SenderProblem {
  readonly problem: string;
}

function mailboxSender(campaign: Pick<PlanCampaign, 'from'>, mailbox: PlanMailbox): Sender {
  const wanted = campaign.from.address;
  const own = [mailbox.address, ...mailbox.aliases].map(foldCase);
  return {
    address: wanted !== undefined && own.includes(foldCase(wanted)) ? wanted : mailbox.address,
    displayName: campaign.from.displayName ?? mailbox.displayName,
  };
}

/** Domains at the provider are verified one by one: a subdomain is another domain. */
function isAllowed(address: string, domains: readonly string[]): boolean {
  if (domains.length === 0) return true;
  const parsed = parseAddress(address);
  return !('problem' in parsed) && domains.includes(parsed.domain);
}

function espSender(campaign: Pick<PlanCampaign, 'from'>, esp: PlanEsp): Sender | SenderProblem {
  const candidates = [campaign.from.address, esp.from?.address].filter((address) => address !== undefined);
  const address = candidates.find((candidate) => isAllowed(candidate, esp.domains));
  if (address !== undefined) {
    return { address, displayName: campaign.from.displayName ?? esp.from?.displayName ?? '' };
  }
  const remedy =
    'set spec.from.address of the Campaign or of the EmailServiceProvider to an address that it may send as';
  if (candidates.length === 0)
    return { problem: `EmailServiceProvider ${esp.name} has no From address: ${remedy}` };
  return {
    problem: `EmailServiceProvider ${esp.name} sends only for ${esp.domains.join(', ')}, not as ${candidates.join(' or ')}: ${remedy}`,
  };
}

/** The ESPs that have no From for a campaign; a mailbox always has one. */
export function withoutSender(campaign: Pick<PlanCampaign, 'from'>, esps: readonly PlanEsp[]): PlanEsp[] {
  return esps.filter((esp) => 'problem' in espSender(campaign, esp));
}

/** The From of a campaign's messages on a route: a mailbox sends as itself or an alias, an ESP as its domains allow. */
export function senderOf(campaign: Pick<PlanCampaign, 'from'>, route: PlanRoute): Sender | SenderProblem {
  return route.kind === 'Mailbox' ? mailboxSender(campaign, route) : espSender(campaign, route);
}
