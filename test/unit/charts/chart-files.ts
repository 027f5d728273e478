import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const charts = new URL('../../../charts/', import.meta.url);

/** The text of a file below charts/. */
export function chartText(path: string): string {
  return readFileSync(new URL(path, charts), 'utf8');
}

/** A YAML or JSON file below charts/. */
export function chartData(path: string): unknown {
  return parse(chartText(path));
}
