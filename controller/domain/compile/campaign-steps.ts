import type { Campaign, Template } from '../../api/resource.ts';
import type { PlanStep } from '../../api/plan.ts';
import { blocking, type Finding } from './problem.ts';
import type { ResourceIndex } from './resource-index.ts';

/** Name of the only step of a campaign that names a template instead of steps. */
const SINGLE_STEP = 'message';

interface DeclaredStep {
  readonly name: string;
  readonly template: string;
  readonly delaySeconds: number;
  readonly field: string;
}

function declaredSteps(campaign: Campaign): DeclaredStep[] {
  const { templateRef, steps = [] } = campaign.spec;
  if (templateRef !== undefined) {
    return [
      { name: SINGLE_STEP, template: templateRef.name, delaySeconds: 0, field: 'spec.templateRef.name' },
    ];
  }
  return steps.map((step, position) => ({
    name: step.name,
    template: step.templateRef.name,
    delaySeconds: position === 0 ? 0 : (step.delaySeconds ?? 0),
    field: `spec.steps[${position}].templateRef.name`,
  }));
}

/** What is wrong with each template. */
export type TemplateLookup = ReadonlyMap<Template, readonly Finding[]>;

/**
 * The steps with their templates. One whose template does not exist has an empty one and a blocking finding: messages name their step by its
 * position, and what is on its way must mean the same step when the template is back.
 */
export function campaignSteps(
  index: ResourceIndex,
  templates: TemplateLookup,
  campaign: Campaign,
): { readonly steps: PlanStep[]; readonly findings: Finding[] } {
  const { namespace } = campaign.metadata;
  const steps: PlanStep[] = [];
  const findings: Finding[] = [];
  for (const declared of declaredSteps(campaign)) {
    const template = index.templates.get(namespace, declared.template);
    const frame = { name: declared.name, delayMs: declared.delaySeconds * 1000 };
    if (template === undefined) {
      const message = `Template ${declared.template} does not exist in namespace ${namespace}: create it`;
      findings.push(blocking(declared.field, 'TemplateNotFound', message));
      steps.push({ ...frame, template: { name: declared.template, subject: '', variables: [] } });
      continue;
    }
    const fault = templates.get(template)?.[0];
    if (fault !== undefined) {
      const message = `Template ${declared.template} cannot be sent: ${fault.field}: ${fault.message}`;
      findings.push(blocking(declared.field, 'TemplateInvalid', message));
    }
    const { subject, text, html, variables = [] } = template.spec;
    steps.push({
      ...frame,
      template: {
        name: declared.template,
        subject,
        ...(text === undefined ? {} : { text }),
        ...(html === undefined ? {} : { html }),
        variables: variables.map(({ name, default: fallback }) => ({
          name,
          ...(fallback === undefined ? {} : { default: fallback }),
        })),
      },
    });
  }
  return { steps, findings };
}
