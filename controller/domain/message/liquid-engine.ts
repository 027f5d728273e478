import { Liquid, UndefinedVariableError } from 'liquidjs';

/** Longest template text in characters, above what the Template kind allows. */
const MAX_TEMPLATE_LENGTH = 1_000_000;
/** A message takes a tenth of a millisecond; what takes this long, in ms, is a loop that never ends. */
const MAX_RENDER_MS = 1000;
/** Objects and characters that filters and loops may make in one rendering. */
const MAX_RENDER_MEMORY = 2_000_000;
/** Tags that read other templates: there are none. */
const FILE_TAGS = ['include', 'render', 'layout', 'block'] as const;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => String(ESCAPES[character]));
}

/**
 * A Liquid engine that reads nothing but the variables it is given: no files, no prototypes, limits on length, time and memory, an error for
 * a variable or filter that does not exist (except in `if` and before `default`). `Html` escapes what it puts out.
 */
export function liquidEngine(output: 'Text' | 'Html'): Liquid {
  const engine = new Liquid({
    templates: {},
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    locale: 'en-US',
    timezoneOffset: 0,
    parseLimit: MAX_TEMPLATE_LENGTH,
    renderLimit: MAX_RENDER_MS,
    memoryLimit: MAX_RENDER_MEMORY,
    ...(output === 'Html' ? { outputEscape: (value: unknown) => escapeHtml(String(value)) } : {}),
  });
  for (const tag of FILE_TAGS) Reflect.deleteProperty(engine.tags, tag);
  return engine;
}

/** What went wrong in a template, in one line for people. */
export function liquidProblem(error: unknown): string {
  const message = String(error)
    .replace(/^\w*Error: /, '')
    .replace(/\s+/g, ' ');
  if (!(error instanceof UndefinedVariableError)) return message;
  const variable = message.replace(/^undefined variable: (.*), line:\d+, col:\d+$/, '$1');
  return `there is no value for ${variable}`;
}
