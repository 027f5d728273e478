import type { SuppressionList } from '../../api/resource.ts';
import { SUPPRESSION_KEY } from '../../api/suppression-list.ts';
import { parseSuppressionEntry } from '../address/suppression-entry.ts';
import { parseSuppressionFile } from '../address/suppression-file.ts';
import type { SuppressionPublication } from './compilation.ts';
import { contentHash } from './content-hash.ts';
import { blocking, partial, type Finding } from './problem.ts';
import type { ResourceIndex } from './resource-index.ts';

/** Wrong entries named one by one per source; the others are counted. */
const SHOWN_PROBLEMS = 20;

/** What was gathered of one list. */
interface Gathered {
  readonly addresses: Set<string>;
  readonly domains: Set<string>;
  entries: number;
  readonly findings: Finding[];
}

function addEntryProblems(gathered: Gathered, field: string, problems: readonly string[]): void {
  for (const problem of problems.slice(0, SHOWN_PROBLEMS)) {
    gathered.findings.push(
      partial(field, 'Invalid', `${problem}: it suppresses nobody until it is corrected`),
    );
  }
  if (problems.length <= SHOWN_PROBLEMS) return;
  const message = `${problems.length - SHOWN_PROBLEMS} further entries are wrong and suppress nobody`;
  gathered.findings.push(partial(field, 'Invalid', message));
}

function addDeclared(gathered: Gathered, field: string, entries: readonly string[]): void {
  const problems: string[] = [];
  for (const text of entries) {
    const entry = parseSuppressionEntry(text);
    if ('problem' in entry) {
      problems.push(`${JSON.stringify(text)} ${entry.problem}`);
      continue;
    }
    gathered.entries += 1;
    if (entry.kind === 'Domain') gathered.domains.add(entry.domain);
    else for (const key of entry.keys) gathered.addresses.add(key);
  }
  addEntryProblems(gathered, field, problems);
}

function addConfigMap(
  index: ResourceIndex,
  gathered: Gathered,
  namespace: string,
  reference: { readonly name: string; readonly key: string; readonly field: string },
): void {
  const { name, key, field } = reference;
  const configMap = index.configMaps.get(namespace, name);
  if (configMap === undefined) {
    const message = `ConfigMap ${name} does not exist in namespace ${namespace}: create it; until then the list is not complete and nothing that needs it is sent`;
    gathered.findings.push(blocking(`${field}.name`, 'ConfigMapNotFound', message));
    return;
  }
  const text = configMap.data[key];
  if (text === undefined) {
    const message = `ConfigMap ${name} in namespace ${namespace} lacks the key ${key}: add it; until then the list is not complete and nothing that needs it is sent`;
    gathered.findings.push(blocking(`${field}.key`, 'ConfigMapKeyNotFound', message));
    return;
  }
  const file = parseSuppressionFile(text);
  gathered.entries += file.entries;
  for (const address of file.addresses) gathered.addresses.add(address);
  for (const domain of file.domains) gathered.domains.add(domain);
  const problems = file.problems.map(
    ({ line, text: entry, problem }) =>
      `line ${line} of ConfigMap ${name}, key ${key}: ${JSON.stringify(entry)} ${problem}`,
  );
  addEntryProblems(gathered, field, problems);
}

/**
 * The declared entries of a list. `publication` is undefined while a part of the list cannot be read: half a list must not replace a
 * whole one.
 */
export function suppressionPublication(
  index: ResourceIndex,
  list: SuppressionList,
): { readonly publication?: SuppressionPublication; readonly findings: readonly Finding[] } {
  const { namespace, name } = list.metadata;
  const { addresses = [], domains = [], configMapRefs = [] } = list.spec;
  const gathered: Gathered = { addresses: new Set(), domains: new Set(), entries: 0, findings: [] };
  addDeclared(gathered, 'spec.addresses', addresses);
  addDeclared(gathered, 'spec.domains', domains);
  for (const [position, { name: configMap, key = SUPPRESSION_KEY }] of configMapRefs.entries()) {
    const field = `spec.configMapRefs[${position}]`;
    addConfigMap(index, gathered, namespace, { name: configMap, key, field });
  }
  const { findings, entries } = gathered;
  if (findings.some((finding) => finding.isBlocking)) return { findings };
  const content = { addresses: [...gathered.addresses].sort(), domains: [...gathered.domains].sort() };
  return {
    publication: { namespace, list: name, revision: contentHash(content), ...content, entries },
    findings,
  };
}
