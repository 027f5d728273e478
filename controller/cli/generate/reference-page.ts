import { API_GROUP_VERSION, type ResourceKind } from '../../api/resource-kind.ts';
import { structuralSchema } from '../../api/structural-schema.ts';
import { CATEGORY, crdName } from './crd.ts';
import { fieldTable, ruleList } from './field-table.ts';
import type { GeneratedFile } from './generated-file.ts';
import { code, GENERATED_NOTE, page, table } from './markdown.ts';

/** Name of a kind's page, example and so on: `EmailServiceProvider` → `email-service-provider`. */
export function kindFileName(kind: ResourceKind): string {
  return kind.kind.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

/** The reference page of a kind. @param example a complete manifest. */
export function referencePage(kind: ResourceKind, example: string): GeneratedFile {
  const spec = structuralSchema(kind.spec);
  const status = structuralSchema(kind.status);
  const rules = ruleList(spec, 'spec');
  const content = page(
    GENERATED_NOTE,
    `# ${kind.kind}`,
    kind.description,
    identity(kind),
    '## Example',
    `\`\`\`yaml\n${example.trimEnd()}\n\`\`\``,
    '## Spec',
    fieldTable(spec),
    rules && '### Rules',
    rules && 'Checked when the resource is applied, and by `mailers lint` and `mailers run`:',
    rules,
    '## Status',
    'Derived, written by the controller. Conditions and reasons: [conditions](conditions.md).',
    fieldTable(status),
    '## Columns of `kubectl get`',
    columns(kind),
  );
  return { path: `docs/reference/${kindFileName(kind)}.md`, content };
}

/** The page that lists the others. */
export function referenceIndex(kinds: readonly ResourceKind[]): GeneratedFile {
  const rows = kinds.map((kind) => [
    `[${kind.kind}](${kindFileName(kind)}.md)`,
    kind.shortNames.map(code).join(', '),
    kind.description,
  ]);
  const content = page(
    GENERATED_NOTE,
    '# Reference',
    table(['Kind', 'Short', 'What it is'], rows),
    'The CRDs need Kubernetes 1.32 or newer: their rules forgive unchanged fields, and objects are selected by fields.',
    [
      '- [Conditions and reasons](conditions.md): what a status says, and what to do.',
      '- [report.schema.json](report.schema.json): JSON Schema of the file that `mailers run --report` writes.',
    ].join('\n'),
  );
  return { path: 'docs/reference/README.md', content };
}

function identity(kind: ResourceKind): string {
  const rows = [
    ['apiVersion', code(API_GROUP_VERSION)],
    ['CRD', code(crdName(kind))],
    ['Short name', kind.shortNames.map(code).join(', ')],
    ['Category', code(CATEGORY)],
    ['Scope', 'Namespaced'],
    ['Field selectors', (kind.selectableFields ?? []).map((path) => code(path.slice(1))).join(', ')],
    ['Scale', kind.scale ? `\`kubectl scale\` sets ${code(kind.scale.specReplicasPath.slice(1))}` : ''],
  ];
  return table(
    ['', ''],
    rows.filter(([, value]) => value !== ''),
  );
}

function columns(kind: ResourceKind): string {
  const rows = kind.printerColumns.map(({ name, priority, description, jsonPath }) => [
    name,
    priority === undefined ? '' : '`-o wide`',
    code(jsonPath),
    description,
  ]);
  return table(['Column', 'Shown with', 'From', 'Meaning'], rows);
}
