import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { parsePolicy, type Policy } from '../domain/policy/policy.ts';

const POLICY_FILE = new URL('../api/policy/policy.yaml', import.meta.url);

/** The policy that this version ships: provider limits and reply rules. */
export async function readPolicy(): Promise<Policy> {
  return parsePolicy(parse(await readFile(POLICY_FILE, 'utf8')));
}
