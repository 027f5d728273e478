import { espStatus } from '../../../domain/status/esp-status.ts';
import type { Reconcile } from '../../kube/reconcile.ts';
import { compilationOf, momentOf, type Desk } from '../desk.ts';
import { espFacts } from './esp-facts.ts';

/** An EmailServiceProvider makes nothing of its own: its status tells what the pools do with it. */
export function espReconciler(desk: Desk): Reconcile {
  const { cache } = desk.caches.own.EmailServiceProvider;
  return (key) => {
    const esp = cache.get(key);
    const compiled = esp && compilationOf(desk, 'EmailServiceProvider', esp);
    if (esp === undefined || compiled === undefined)
      return Promise.resolve({ reason: 'gone, or about to be compiled' });
    const { name } = esp.metadata;
    const facts = espFacts(compiled, name, (pool) => desk.facts.pool(compiled.namespace, pool));
    const moment = momentOf(desk, compiled, { kind: 'EmailServiceProvider', name });
    desk.statuses.report('EmailServiceProvider', esp, (known) => espStatus({ esp: known, ...facts }, moment));
    return Promise.resolve({});
  };
}
