import type { SuppressionLedger } from '../../domain/ports/suppression-ledger.ts';
import type { Continuity } from './continuity.ts';
import type { Replays } from './replays.ts';

/** Suppression, each change remembered. An entry is acknowledged when the ledger lost nothing between its write and the end of its waiting. */
export function rememberingSuppression(
  suppression: SuppressionLedger,
  replays: Replays,
  continuity: Continuity,
): SuppressionLedger {
  /** Revisions that this process has published, by namespace and list. */
  const published = new Map<string, string>();
  return {
    async publish(namespace, list, entries) {
      const name = `${namespace}/${list}`;
      if (published.get(name) === entries.revision) return suppression.publish(namespace, list, entries);
      const before = (await suppression.published(namespace)).get(list);
      await suppression.publish(namespace, list, entries);
      published.set(name, entries.revision);
      // Only in the place of what it replaced: another process may have published a later one.
      replays.add(async (ledger) => {
        const found = (await ledger.suppression.published(namespace)).get(list);
        if (found === before) await ledger.suppression.publish(namespace, list, entries);
      });
    },
    async add(namespace, entry) {
      for (let losses = -1; losses !== continuity.losses;) {
        losses = continuity.losses;
        await suppression.add(namespace, entry);
        await continuity.restored();
      }
      replays.add((ledger) => ledger.suppression.add(namespace, entry));
    },
    check: (namespace, lists, recipients) => suppression.check(namespace, lists, recipients),
    async forget(namespace, list) {
      published.delete(`${namespace}/${list}`);
      await suppression.forget(namespace, list);
    },
    published: (namespace) => suppression.published(namespace),
    counts: (namespace, list) => suppression.counts(namespace, list),
  };
}
