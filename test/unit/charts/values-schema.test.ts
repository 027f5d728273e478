import { describe, expect, it } from 'vitest';
import { chartData } from './chart-files.ts';

interface Schema {
  $ref?: string;
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  definitions?: Record<string, Schema>;
}

const schema = chartData('mailers/values.schema.json') as Schema;
const values = chartData('mailers/values.yaml') as object;

/** Helm puts it into every subchart's values; it is not ours. */
const HELMS_OWN = ['global'];

function resolved(part: Schema): Schema {
  const name = part.$ref?.replace('#/definitions/', '');
  return name === undefined ? part : (schema.definitions?.[name] ?? {});
}

/** Paths of all maps with named fields: 'operator.podDisruptionBudget' … */
function declaredPaths(part: Schema, prefix = ''): string[] {
  return Object.entries(resolved(part).properties ?? {}).flatMap(([name, child]) => {
    const path = `${prefix}${name}`;
    return [path, ...declaredPaths(child, `${path}.`)];
  });
}

/** Paths of all values, down to where the schema allows any key. */
function valuePaths(value: object, part: Schema, prefix = ''): string[] {
  return Object.entries(value).flatMap(([name, child]: [string, unknown]) => {
    const path = `${prefix}${name}`;
    const childSchema = resolved(resolved(part).properties?.[name] ?? {});
    const hasNamedFields = childSchema.properties !== undefined && typeof child === 'object' && child !== null;
    return [path, ...(hasNamedFields ? valuePaths(child, childSchema, `${path}.`) : [])];
  });
}

function openMaps(part: Schema, path = ''): string[] {
  const { properties, additionalProperties } = resolved(part);
  const own = properties !== undefined && additionalProperties !== false ? [path] : [];
  const children = Object.entries(properties ?? {});
  return [...own, ...children.flatMap(([name, child]) => openMaps(child, `${path}.${name}`))];
}

describe("the schema of the chart's values", () => {
  it('names every value of values.yaml', () => {
    const declared = new Set(declaredPaths(schema));
    expect(valuePaths(values, schema).filter((path) => !declared.has(path))).toEqual([]);
  });

  it('names nothing that values.yaml does not have, so that every value has a default and a comment', () => {
    const present = new Set(valuePaths(values, schema));
    const isOptional = (path: string) => HELMS_OWN.includes(path) || /\.resources\.(limits|requests)$/.test(path);
    expect(declaredPaths(schema).filter((path) => !present.has(path) && !isOptional(path))).toEqual([]);
  });

  it('refuses a misspelt value at every level', () => {
    expect(openMaps(schema)).toEqual([]);
  });
});
