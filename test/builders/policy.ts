import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parsePolicy, type Policy } from '../../controller/domain/policy/policy.ts';

const policyUrl = new URL('../../controller/api/policy/policy.yaml', import.meta.url);
const document = parse(readFileSync(policyUrl, 'utf8')) as Record<string, unknown>;

/** The project's policy.yaml as parsed YAML, a fresh copy each time. */
export function policyDocument(): Record<string, unknown> {
  return structuredClone(document);
}

/** The project's policy, ready for use. */
export function projectPolicy(): Policy {
  return parsePolicy(policyDocument());
}

export interface ReplyCase {
  readonly rule: string;
  readonly code: number;
  readonly enhancedCode: string;
  readonly text: string;
}

/** Replies that providers really gave, each with the rule that it must hit. */
export function replyCases(): ReplyCase[] {
  const lines = readFileSync(new URL('../unit/domain/policy/cases.tsv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const [rule = '', reply = ''] = line.split('\t');
    const parts = /^(\d{3}) (?:(\d\.\d+\.\d+) )?(.*)$/.exec(reply);
    if (parts === null) throw new Error(`cases.tsv: not a reply: ${line}`);
    return { rule, code: Number(parts[1]), enhancedCode: parts[2] ?? '', text: parts[3] ?? '' };
  });
}
