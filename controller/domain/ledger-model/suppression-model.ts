import { LedgerUnavailable } from '../ports/ledger.ts';
import {
  EARNED_LIST,
  GUARD_MAX_AGE_MS,
  type EarnedEntry,
  type Suppression,
  type SuppressionKeys,
  type SuppressionLedger,
} from '../ports/suppression-ledger.ts';

interface ListState {
  declared?: { readonly revision: string; readonly addresses: Set<string>; readonly domains: Set<string> };
  /** By every address key of the entry. */
  readonly earned: Map<string, EarnedEntry>;
}

/** Suppression in memory. `sleep` resolves after so many ms: `add` must not resolve before every guard has grown old. */
export function createSuppressionModel(sleep: (ms: number) => Promise<void>): SuppressionLedger {
  const lists = new Map<string, ListState>();
  const listOf = (namespace: string, name: string): ListState => {
    const list = lists.get(`${namespace}/${name}`) ?? { earned: new Map<string, EarnedEntry>() };
    lists.set(`${namespace}/${name}`, list);
    return list;
  };
  return {
    async publish(namespace, name, { revision, addresses, domains }) {
      listOf(namespace, name).declared = {
        revision,
        addresses: new Set(addresses),
        domains: new Set(domains),
      };
    },
    async add(namespace, entry) {
      const { earned } = listOf(namespace, entry.list);
      for (const key of entry.keys.addresses) earned.set(key, entry);
      await sleep(GUARD_MAX_AGE_MS + 1);
    },
    async check(namespace, names, recipients) {
      const asked = [...new Set([EARNED_LIST, ...names])].map((name) => ({
        name,
        list: listOf(namespace, name),
      }));
      const unread = asked.find(({ name, list }) => name !== EARNED_LIST && list.declared === undefined);
      if (unread !== undefined) {
        throw new LedgerUnavailable(
          `Suppression list ${namespace}/${unread.name} was never published: nothing is sent until it is.`,
        );
      }
      return recipients.map((keys) => find(asked, keys));
    },
    async forget(namespace, name) {
      delete listOf(namespace, name).declared;
    },
    async published(namespace) {
      return revisionsIn(lists, namespace);
    },
    async counts(namespace, name) {
      const { declared, earned } = listOf(namespace, name);
      return {
        declared: (declared?.addresses.size ?? 0) + (declared?.domains.size ?? 0),
        earned: new Set([...earned.values()].map((entry) => entry.keys.addresses[0])).size,
      };
    },
  };
}

function find(
  asked: readonly { readonly name: string; readonly list: ListState }[],
  keys: SuppressionKeys,
): Suppression | undefined {
  for (const { name, list } of asked) {
    const earned = keys.addresses.map((key) => list.earned.get(key)).find((entry) => entry !== undefined);
    if (earned !== undefined) return { list: name, kind: 'Earned', reason: earned.reason };
    const isDeclared =
      keys.addresses.some((key) => list.declared?.addresses.has(key)) ||
      keys.domains.some((domain) => list.declared?.domains.has(domain));
    if (isDeclared) return { list: name, kind: 'Declared', reason: 'Declared' };
  }
  return undefined;
}

function revisionsIn(lists: ReadonlyMap<string, ListState>, namespace: string): Map<string, string> {
  const inForce = [...lists].flatMap(([key, { declared }]): [string, string][] =>
    key.startsWith(`${namespace}/`) && declared !== undefined
      ? [[key.slice(namespace.length + 1), declared.revision]]
      : [],
  );
  return new Map(inForce);
}
