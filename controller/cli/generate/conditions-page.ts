import { CONDITION_TYPES } from '../../api/conditions.ts';
import { CONDITION_TEXT, REASON_TEXT } from '../../api/reason-text.ts';
import { REASONS } from '../../api/reasons.ts';
import type { GeneratedFile } from './generated-file.ts';
import { code, GENERATED_NOTE, page, table } from './markdown.ts';

/** The catalogue of condition types and reasons. */
export function conditionsPage(): GeneratedFile {
  const types = CONDITION_TYPES.map((type) => [code(type), CONDITION_TEXT[type]]);
  const reasons = REASONS.map((reason) => [
    code(reason),
    REASON_TEXT[reason].meaning,
    REASON_TEXT[reason].remedy,
  ]);
  const content = page(
    GENERATED_NOTE,
    '# Conditions and reasons',
    'Both lists are closed: a status, a lane, a problem or an Event uses these words and no others. Conditions follow kstatus, so that `kubectl wait`, Flux and Argo CD understand them: `Ready` is always there, `Reconciling` and `Stalled` only while they are True. `kubectl wait --for=condition=Ready mailbox/anna` waits for a mailbox.',
    '## Condition types',
    table(['Type', 'True means'], types),
    '## Reasons',
    table(['Reason', 'Meaning', 'What to do'], reasons),
  );
  return { path: 'docs/reference/conditions.md', content };
}
