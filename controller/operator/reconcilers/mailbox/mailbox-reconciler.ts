import { mailboxStatus } from '../../../domain/status/mailbox-status.ts';
import type { Reconcile } from '../../kube/reconcile.ts';
import { compilationOf, momentOf, type Desk } from '../desk.ts';
import { mailboxFacts } from './mailbox-facts.ts';

/** A Mailbox makes nothing of its own: its status tells what its pool does with it. */
export function mailboxReconciler(desk: Desk): Reconcile {
  const { cache } = desk.caches.own.Mailbox;
  return (key) => {
    const mailbox = cache.get(key);
    const compiled = mailbox && compilationOf(desk, 'Mailbox', mailbox);
    if (mailbox === undefined || compiled === undefined)
      return Promise.resolve({ reason: 'gone, or about to be compiled' });
    const { name } = mailbox.metadata;
    const facts = mailboxFacts(compiled, name, (pool) => desk.facts.pool(compiled.namespace, pool));
    desk.statuses.report('Mailbox', mailbox, (known) =>
      mailboxStatus({ mailbox: known, ...facts }, momentOf(desk, compiled, { kind: 'Mailbox', name })),
    );
    return Promise.resolve({});
  };
}
