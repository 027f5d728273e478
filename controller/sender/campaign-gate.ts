import type { Plan, PlanCampaign } from '../api/plan.ts';
import type { AudienceLedger, CampaignKey } from '../domain/ports/audience-ledger.ts';

/** How often a campaign past its end is asked about, milliseconds of the ledger's clock. */
const END_CHECK_MS = 5_000;

/**
 * Which campaigns may give fresh messages now. A campaign that missed its starting deadline never begins (one restored from a backup does
 * not fire months later); one past its end has what is unsent cancelled. Suspended ones are the ledger's business too: it refuses them
 * at the last moment.
 */
export class CampaignGate {
  readonly #audience: AudienceLedger;
  readonly #begun = new Set<string>();
  readonly #endCheckedMs = new Map<string, number>();

  constructor(audience: AudienceLedger) {
    this.#audience = audience;
  }

  async open(plan: Plan, nowMs: number): Promise<string[]> {
    if (plan.suspended) return [];
    const names: string[] = [];
    for (const campaign of plan.campaigns)
      if (await this.#isOpen(plan, campaign, nowMs)) names.push(campaign.name);
    return names;
  }

  async #isOpen(plan: Plan, campaign: PlanCampaign, nowMs: number): Promise<boolean> {
    const { name, startMs, startDeadlineMs, endMs } = campaign;
    if (campaign.suspended || campaign.blocked) return false;
    if (startMs !== undefined && nowMs < startMs) return false;
    const key = { namespace: plan.namespace, pool: plan.pool, campaign: name };
    if (endMs !== undefined && nowMs >= endMs) {
      await this.#end(key, nowMs);
      return false;
    }
    return startDeadlineMs === undefined || nowMs <= startDeadlineMs || this.#hasBegun(key);
  }

  async #hasBegun(key: CampaignKey): Promise<boolean> {
    if (this.#begun.has(key.campaign)) return true;
    const { startedMs } = await this.#audience.counts(key);
    if (startedMs !== undefined) this.#begun.add(key.campaign);
    return startedMs !== undefined;
  }

  async #end(key: CampaignKey, nowMs: number): Promise<void> {
    if (nowMs - (this.#endCheckedMs.get(key.campaign) ?? 0) < END_CHECK_MS) return;
    this.#endCheckedMs.set(key.campaign, nowMs);
    const { pending, deferred } = await this.#audience.counts(key);
    if (pending + deferred > 0) await this.#audience.cancel(key);
  }
}
