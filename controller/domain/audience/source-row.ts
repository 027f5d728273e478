import { isVariableName } from '../message/variable-name.ts';

/** A row as the source has it: an address still to be checked, or what is wrong with the row. */
export type SourceRow =
  | { readonly line: number; readonly address: string; readonly variables: Readonly<Record<string, string>> }
  | { readonly line: number; readonly problem: string };

/** Most variables of a row, as many as a Template may declare. */
export const MAX_VARIABLES = 100;
/** Longest value of a variable in characters. */
const MAX_VALUE_LENGTH = 1024;
/** Longest row in characters: what is longer is a broken source, not a row. */
export const MAX_ROW_LENGTH = 500_000;

/**
 * The variables of a row. Empty values are left out: they are missing, so that a default applies. Columns that no template can name are
 * left out as well.
 */
export function rowVariables(
  fields: Iterable<readonly [name: string, value: string]>,
): { readonly variables: Readonly<Record<string, string>> } | { readonly problem: string } {
  const variables: [string, string][] = [];
  for (const [name, value] of fields) {
    const trimmed = value.trim();
    if (trimmed === '' || !isVariableName(name)) continue;
    if (trimmed.length > MAX_VALUE_LENGTH)
      return { problem: `${name} is longer than ${MAX_VALUE_LENGTH} characters` };
    variables.push([name, trimmed]);
  }
  if (variables.length > MAX_VARIABLES)
    return { problem: `has ${variables.length} variables, at most ${MAX_VARIABLES} are allowed` };
  return { variables: Object.fromEntries(variables) };
}

/** Column names are compared without regard to case and surrounding space. */
export function foldColumnName(name: string): string {
  return name.trim().toLowerCase();
}
