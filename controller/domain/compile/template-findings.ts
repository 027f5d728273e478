import type { Template } from '../../api/resource.ts';
import { checkTemplate } from '../message/check-template.ts';
import { blocking, type Finding } from './problem.ts';

/** What keeps a template from being sent. */
export function templateFindings(template: Template): Finding[] {
  return checkTemplate(template.spec).problems.map(({ field, message }) =>
    blocking(field, 'TemplateInvalid', message),
  );
}
