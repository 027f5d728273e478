import { checkTemplate } from '../../../domain/message/check-template.ts';
import { templateStatus } from '../../../domain/status/document-status.ts';
import type { Reconcile } from '../../kube/reconcile.ts';
import { compilationOf, momentOf, type Desk } from '../desk.ts';

/** A Template's status tells whether it can be sent. */
export function templateReconciler(desk: Desk): Reconcile {
  const { cache } = desk.caches.own.Template;
  return (key) => {
    const template = cache.get(key);
    const compiled = template && compilationOf(desk, 'Template', template);
    if (template === undefined || compiled === undefined)
      return Promise.resolve({ reason: 'gone, or about to be compiled' });
    const moment = momentOf(desk, compiled, { kind: 'Template', name: template.metadata.name });
    const facts = moment.problems.length === 0 ? checkTemplate(template.spec) : {};
    desk.statuses.report('Template', template, (known) => templateStatus(known, facts, moment));
    return Promise.resolve({});
  };
}
