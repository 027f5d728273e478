import type { CampaignKey } from '../domain/ports/audience-ledger.ts';
import type { Store } from './store.ts';

const PAGE = 1_000;
/** Pages that one question reads. */
const PAGES = 10;

/**
 * When the campaign's next waiting message is due, ledger's clock; undefined = none waits, or ten thousand messages of other campaigns
 * are due before.
 */
export async function nextDueMs(store: Store, key: CampaignKey): Promise<number | undefined> {
  const { schedule } = store.keys.pool(key);
  for (let page = 0; page < PAGES; page += 1) {
    const entries = await store.ask((client) =>
      client.zrange(schedule, page * PAGE, String((page + 1) * PAGE - 1), 'WITHSCORES'),
    );
    const first = entries.findIndex((id) => id.startsWith(`${key.campaign}/`));
    if (first >= 0) return Number(entries[first + 1]);
    if (entries.length < PAGE * 2) return undefined;
  }
  return undefined;
}
