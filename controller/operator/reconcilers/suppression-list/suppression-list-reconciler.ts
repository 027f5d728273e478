import { suppressionListStatus } from '../../../domain/status/document-status.ts';
import { LedgerLost, LedgerUnavailable } from '../../../domain/ports/ledger.ts';
import type { Reconcile } from '../../kube/reconcile.ts';
import { compilationOf, momentOf, type Desk } from '../desk.ts';

/** Entries are earned at any time: how often their number is looked at. */
const COUNT_EVERY_MS = 60_000;

/** A SuppressionList's status tells what of it is in force. */
export function suppressionListReconciler(desk: Desk): Reconcile {
  const { cache } = desk.caches.own.SuppressionList;
  return async (key) => {
    const list = cache.get(key);
    const compiled = list && compilationOf(desk, 'SuppressionList', list);
    if (list === undefined || compiled === undefined) return { reason: 'gone, or about to be compiled' };
    const { namespace, name } = list.metadata;
    const declared = compiled.suppression.get(name)?.entries;
    const earned = await earnedEntries(desk, namespace, name);
    const facts = {
      ...(declared === undefined ? {} : { declared }),
      ...(earned === undefined ? {} : { earned }),
    };
    const moment = momentOf(desk, compiled, { kind: 'SuppressionList', name });
    desk.statuses.report('SuppressionList', list, (known) => suppressionListStatus(known, facts, moment));
    return { requeueAfterMs: COUNT_EVERY_MS, reason: 'earned entries are counted' };
  };
}

async function earnedEntries(desk: Desk, namespace: string, name: string): Promise<number | undefined> {
  try {
    return (await desk.ledger.suppression.counts(namespace, name)).earned;
  } catch (error) {
    if (error instanceof LedgerUnavailable || error instanceof LedgerLost) return undefined;
    throw error;
  }
}
