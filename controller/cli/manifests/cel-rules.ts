import { Environment } from '@marcbachmann/cel-js';
import { isDate, isDateTime } from '../../api/date-time.ts';
import type { CelRule } from '../../api/field.ts';
import type { StructuralSchema } from '../../api/structural-schema.ts';
import type { FieldIssue, FieldPath } from './manifest-error.ts';

/** Evaluates the CEL rules of a schema as the API server does. */
export interface RuleSet {
  /**
   * @param old the object before the change; without it rules about changes (`oldSelf`) are skipped, as on creation.
   * A rule that cannot be evaluated says nothing: then the schema has already been violated.
   */
  readonly evaluate: (value: unknown, old?: unknown) => FieldIssue[];
}

interface CompiledRule {
  readonly rule: CelRule;
  readonly isTransition: boolean;
  readonly program: (variables: Readonly<Record<string, unknown>>) => unknown;
}

/** A place in the schema that has rules somewhere below it; everything else is never visited. */
interface Site {
  readonly schema: StructuralSchema;
  readonly rules: readonly CompiledRule[];
  readonly properties: ReadonlyMap<string, Site>;
  readonly items: Site | undefined;
}

/** Compiles the rules of a schema. @throws when a rule is not valid CEL. */
export function compileRules(schema: StructuralSchema): RuleSet {
  const environment = new Environment().registerVariable('self', 'dyn').registerVariable('oldSelf', 'dyn');
  const site = compileSite(schema, environment);
  return {
    evaluate: (value, old) => {
      const issues: FieldIssue[] = [];
      if (site !== undefined) visit(site, { value, old, path: [] }, issues);
      return issues;
    },
  };
}

function compileSite(schema: StructuralSchema, environment: Environment): Site | undefined {
  const properties = new Map<string, Site>();
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const site = compileSite(child, environment);
    if (site !== undefined) properties.set(name, site);
  }
  const items = schema.items && compileSite(schema.items, environment);
  const rules = schema.rules.map((rule) => ({
    rule,
    isTransition: /\boldSelf\b/.test(rule.rule),
    program: environment.parse(rule.rule),
  }));
  return rules.length + properties.size > 0 || items !== undefined
    ? { schema, rules, properties, items }
    : undefined;
}

interface Place {
  readonly value: unknown;
  readonly old: unknown;
  readonly path: FieldPath;
}

function visit(site: Site, place: Place, issues: FieldIssue[]): void {
  if (!hasType(place.value, site.schema)) return;
  const variables = {
    self: site.rules.length > 0 ? celValue(place.value, site.schema) : undefined,
    oldSelf: site.rules.some((rule) => rule.isTransition) ? celValue(place.old, site.schema) : undefined,
  };
  for (const rule of site.rules) {
    if (rule.isTransition && place.old === undefined) continue;
    if (!isViolated(rule, variables)) continue;
    issues.push({
      path: [...place.path, ...fieldPathSteps(rule.rule.fieldPath)],
      message: rule.rule.message,
    });
  }
  for (const [name, child] of site.properties) {
    visit(
      child,
      { value: at(place.value, name), old: at(place.old, name), path: [...place.path, name] },
      issues,
    );
  }
  if (site.items === undefined || !Array.isArray(place.value)) return;
  for (const [index, value] of place.value.entries()) {
    visit(
      site.items,
      { value, old: sameItem(site.schema, value, place.old), path: [...place.path, index] },
      issues,
    );
  }
}

/** Rules say nothing about a value of another type: that has been reported already. */
function hasType(value: unknown, { type }: StructuralSchema): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === (type === 'integer' ? 'number' : type);
}

function isViolated(rule: CompiledRule, variables: Readonly<Record<string, unknown>>): boolean {
  try {
    return rule.program(variables) === false;
  } catch {
    return false;
  }
}

function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Items of a list are the same thing before and after only when a map key says so. */
function sameItem(list: StructuralSchema, item: unknown, oldList: unknown): unknown {
  const keys = list.listMapKeys;
  if (keys === undefined || !Array.isArray(oldList)) return undefined;
  return (oldList as unknown[]).find((old) => keys.every((key) => at(old, key) === at(item, key)));
}

/** `.quota.recipientsPerDay` → steps. */
function fieldPathSteps(fieldPath: string | undefined): string[] {
  return fieldPath?.split('.').filter((step) => step !== '') ?? [];
}

/** The value with CEL's types: whole numbers are `int`, formats `date` and `date-time` are timestamps. */
function celValue(value: unknown, schema: StructuralSchema | undefined): unknown {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string')
    return schema?.format?.startsWith('date') === true ? timestamp(value) : value;
  if (Array.isArray(value)) return value.map((item) => celValue(item, schema?.items));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [
      name,
      celValue(child, schema?.properties?.[name] ?? schema?.additionalProperties),
    ]),
  );
}

/** A text that is no time stays text, so that a rule about times cannot be evaluated. */
function timestamp(value: string): Date | string {
  return isDate(value) || isDateTime(value) ? new Date(value) : value;
}
