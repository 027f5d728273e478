import type { Campaign } from '../../../api/resource.ts';
import type { Problem } from '../../../domain/compile/problem.ts';
import { buildReport } from '../../../domain/status/build-report.ts';
import { campaignStatus } from '../../../domain/status/campaign-status.ts';
import { ledgerOutage } from '../../../domain/status/ledger-outage.ts';
import type { CompiledNamespace } from '../../compilation/compiled-namespace.ts';
import { momentOf, type Desk } from '../desk.ts';

/** Tells what has become of a campaign. */
export function reportCampaign(
  desk: Desk,
  compiled: CompiledNamespace,
  campaign: Campaign,
  found: readonly Problem[],
): void {
  const { namespace, name } = campaign.metadata;
  const moment = momentOf(desk, compiled, { kind: 'Campaign', name }, found);
  const place = compiled.campaigns.get(name);
  const facts = place && desk.facts.pool(namespace, place.pool);
  const report =
    facts &&
    buildReport([facts], moment.nowMs).pools[0]?.campaigns.find((candidate) => candidate.name === name);
  const counts = facts?.campaigns.get(name)?.counts;
  const outage = place && ledgerOutage(desk.losses.get(namespace) ?? desk.facts.health);
  desk.statuses.report('Campaign', campaign, (known) =>
    campaignStatus(
      {
        campaign: known,
        ...(place === undefined ? {} : { plan: place.part }),
        ...(report === undefined ? {} : { report }),
        ...(counts === undefined ? {} : { counts }),
        ...(outage === undefined ? {} : { outage }),
        isUnserved: place !== undefined && compiled.unserved.has(place.pool),
      },
      moment,
    ),
  );
}
