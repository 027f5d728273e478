import type { TemplateSpec } from '../../api/template.ts';
import { CompiledTemplate, TemplateCache, TemplateError, type PartName } from './compiled-template.ts';
import { renderMessage } from './render-message.ts';
import { BUILT_IN_VARIABLES, isVariableName } from './variable-name.ts';

interface TemplateProblem {
  /** The field at fault, e.g. `spec.html`. */
  readonly field: string;
  /** What is wrong and what to do. */
  readonly message: string;
}

export interface TemplateCheck {
  readonly problems: readonly TemplateProblem[];
  /** Size of the message rendered with the sample values; undefined when there are problems. */
  readonly sizeBytes?: number;
}

/** Says whether a template can be sent: it is Liquid, uses declared variables only, and renders with its sample values. */
export function checkTemplate(spec: TemplateSpec): TemplateCheck {
  const compiled = compile(spec);
  if ('problems' in compiled) return compiled;
  const problems = [...nameProblems(spec), ...undeclaredVariables(spec, compiled)];
  return problems.length > 0 ? { problems } : renderSample(spec);
}

function compile(spec: TemplateSpec): CompiledTemplate | TemplateCheck {
  try {
    return new CompiledTemplate(spec);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { problems: [{ field: `spec.${error.part}`, message: error.message }] };
  }
}

function nameProblems({ variables = [] }: TemplateSpec): TemplateProblem[] {
  return variables
    .filter(({ name }) => !isVariableName(name) && !BUILT_IN_VARIABLES.includes(name))
    .map(({ name }) => ({
      field: 'spec.variables',
      message: `${name} cannot be the name of a variable: rename it`,
    }));
}

function undeclaredVariables(spec: TemplateSpec, compiled: CompiledTemplate): TemplateProblem[] {
  const declared = new Set([...BUILT_IN_VARIABLES, ...(spec.variables ?? []).map(({ name }) => name)]);
  const parts: readonly PartName[] =
    spec.text === undefined ? ['subject', 'html'] : ['subject', 'text', 'html'];
  return parts.flatMap((part) =>
    (compiled[part]?.variables ?? [])
      .filter((name) => !declared.has(name))
      .map((name) => ({
        field: `spec.${part}`,
        message: `uses {{ ${name} }}, which is not declared: add it to variables`,
      })),
  );
}

function renderSample(spec: TemplateSpec): TemplateCheck {
  const variables = spec.variables ?? [];
  const samples = variables.map(({ name, sample, default: value }) => [name, sample ?? value ?? name]);
  const request = {
    template: { ...spec, name: 'sample', variables },
    row: { address: 'anna@example.com', variables: Object.fromEntries(samples) },
    purpose: 'Marketing',
    pool: { namespace: 'default', name: 'sample' },
    postalAddress: 'Example Ltd, 1 Example Street, Example City',
    unsubscribeUrl: 'https://example.com/unsubscribe/sample',
    sender: { address: 'sender@example.com', displayName: 'Sender' },
    messageId: 'sample@example.com',
    dateMs: 0,
  } as const;
  const rendered = renderMessage(request, new TemplateCache());
  return 'problem' in rendered
    ? {
        problems: [{ field: 'spec', message: `does not render with its sample values: ${rendered.problem}` }],
      }
    : { problems: [], sizeBytes: rendered.raw.length };
}
