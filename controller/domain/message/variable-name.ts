/** Variables that every template has without declaring them. */
export const BUILT_IN_VARIABLES: readonly string[] = ['email', 'unsubscribeUrl', 'postalAddress'];

/** Names that reach into an object's machinery where a program is careless. */
const NEVER_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** As the Template kind declares them: at most 64 characters. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** True when an audience column of this name becomes a variable: a variable name, and not one that is always there. */
export function isVariableName(name: string): boolean {
  return VARIABLE_NAME.test(name) && !NEVER_NAMES.has(name) && !BUILT_IN_VARIABLES.includes(name);
}
