import type { SuppressionList, Template } from '../../api/resource.ts';
import type { SuppressionListStatus } from '../../api/suppression-list.ts';
import type { TemplateStatus } from '../../api/template.ts';
import { readiness } from './conditions.ts';
import { causeOf, faultsOf, statusHead, type StatusMoment } from './status-subject.ts';

/** The status of a Template. `sizeBytes` = size of the message rendered with the sample values, where it could be. */
export function templateStatus(
  template: Template,
  facts: { readonly sizeBytes?: number },
  moment: StatusMoment,
): TemplateStatus {
  const fault = faultsOf(template, moment.problems).map(causeOf)[0];
  const good = { reason: 'Succeeded', message: 'renders with its sample values' } as const;
  return {
    ...statusHead(template, readiness(fault, [], good), moment.nowMs),
    ...(facts.sizeBytes === undefined ? {} : { sizeBytes: facts.sizeBytes }),
  };
}

/** The status of a SuppressionList. The counts are undefined while the ledger cannot be read. */
export function suppressionListStatus(
  list: SuppressionList,
  facts: { readonly declared?: number; readonly earned?: number },
  moment: StatusMoment,
): SuppressionListStatus {
  const fault = faultsOf(list, moment.problems).map(causeOf)[0];
  const good = { reason: 'Succeeded', message: 'every entry is in force' } as const;
  return { ...statusHead(list, readiness(fault, [], good), moment.nowMs), ...facts };
}
