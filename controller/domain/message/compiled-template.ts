import type { Liquid, Template } from 'liquidjs';
import type { PlanStep } from '../../api/plan.ts';
import { deriveText, textConverter, type TextConverter } from './derived-text.ts';
import { liquidEngine, liquidProblem } from './liquid-engine.ts';

/** What is rendered: a step's template in the plan. */
export type MessageTemplate = PlanStep['template'];

export type Variables = Readonly<Record<string, string>>;

const PART_NAMES = ['subject', 'text', 'html'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** A part of a template that cannot be used as it is. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly part: PartName;

  constructor(part: PartName, cause: unknown) {
    super(liquidProblem(cause), { cause });
    this.part = part;
  }
}

/** One part of a template, parsed. */
export class CompiledPart {
  readonly #engine: Liquid;
  readonly #parsed: Template[];
  readonly #name: PartName;
  /** Names of the variables that it reads; what it assigns itself is not among them. */
  readonly variables: readonly string[];

  /** Throws TemplateError when the source is not Liquid. */
  constructor(engine: Liquid, name: PartName, source: string) {
    this.#engine = engine;
    this.#name = name;
    try {
      this.#parsed = engine.parse(source);
      this.variables = engine
        .globalVariablesSync(this.#parsed)
        .filter((variable) => !LOOP_STATE.has(variable));
    } catch (error) {
      throw new TemplateError(name, error);
    }
  }

  /** Throws TemplateError for a missing value, and for what goes beyond the limits. */
  render(variables: Variables): string {
    try {
      return String(this.#engine.renderSync(this.#parsed, variables));
    } catch (error) {
      throw new TemplateError(this.#name, error);
    }
  }
}

/** Made by the loops themselves. */
const LOOP_STATE: ReadonlySet<string> = new Set(['forloop', 'tablerowloop']);

export interface RenderedParts {
  readonly subject: string;
  readonly text: string;
  readonly html: string | undefined;
}

/** A template, parsed once and rendered often. */
export class CompiledTemplate {
  readonly #toText: TextConverter = textConverter();
  readonly #isDerived: boolean;
  readonly subject: CompiledPart;
  readonly html: CompiledPart | undefined;
  /** Undefined when it must be derived from each rendered HTML. */
  readonly text: CompiledPart | undefined;

  /** Throws TemplateError when a part is not Liquid. */
  constructor(template: Pick<MessageTemplate, PartName>) {
    this.#isDerived = template.text === undefined;
    const engine = liquidEngine('Text');
    const { html, text = html === undefined ? '' : deriveText(html, this.#toText) } = template;
    this.subject = new CompiledPart(engine, 'subject', template.subject);
    this.html = html === undefined ? undefined : new CompiledPart(liquidEngine('Html'), 'html', html);
    this.text = text === undefined ? undefined : new CompiledPart(engine, 'text', text);
  }

  /** Renders all parts. Throws TemplateError. */
  render(variables: Variables): RenderedParts {
    const html = this.html?.render(variables);
    const text = this.text ? this.text.render(variables) : this.#toText(String(html));
    const subject = this.subject.render(variables);
    return { subject, text: this.#isDerived ? tidy(text) : text, html };
  }
}

/** Takes away the blanks that conditions and loops leave behind where HTML had none. */
function tidy(text: string): string {
  return text
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Keeps the compiled form of each template for as long as the template itself is in use, that is, for a revision of the plan. */
export class TemplateCache {
  readonly #compiled = new WeakMap<Pick<MessageTemplate, PartName>, CompiledTemplate>();

  /** Throws TemplateError when a part is not Liquid. */
  get(template: Pick<MessageTemplate, PartName>): CompiledTemplate {
    const known = this.#compiled.get(template);
    if (known) return known;
    const compiled = new CompiledTemplate(template);
    this.#compiled.set(template, compiled);
    return compiled;
  }
}
