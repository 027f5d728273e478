import { describe, expect, it } from 'vitest';
import { suppressionListKind } from '../../../../controller/api/suppression-list.ts';
import { templateKind } from '../../../../controller/api/template.ts';
import type { Problem } from '../../../../controller/domain/compile/problem.ts';
import {
  suppressionListStatus,
  templateStatus,
} from '../../../../controller/domain/status/document-status.ts';
import { aList, aTemplate } from '../../../builders/resource.ts';

const nowMs = Date.UTC(2026, 10, 24, 9);

describe('the status of a template', () => {
  it('that renders is ready and shows its size', () => {
    const found = templateStatus(aTemplate(), { sizeBytes: 1200 }, { problems: [], nowMs });
    expect(templateKind.status.parse(found)).toEqual(found);
    expect(found).toMatchObject({ sizeBytes: 1200, conditions: [{ type: 'Ready', status: 'True' }] });
  });

  it('shows the wish to be looked at again that it has followed, however long that is', () => {
    const statusOf = (annotations: Record<string, string>) =>
      templateStatus(aTemplate('greeting', { metadata: { annotations } }), {}, { problems: [], nowMs });
    const wish = (value: string) => statusOf({ 'mailers.io/reconcile-at': value }).lastHandledReconcileAt;
    expect(wish('now')).toBe('now');
    expect(wish('x'.repeat(500))).toBe('x'.repeat(128));
    expect(statusOf({ other: 'x' })).not.toHaveProperty('lastHandledReconcileAt');
  });

  it('that does not render stalls', () => {
    const problem: Problem = {
      object: { kind: 'Template', namespace: 'mail', name: 'greeting' },
      field: 'spec.html',
      reason: 'TemplateInvalid',
      message: 'tag if is not closed',
      severity: 'Error',
    };
    const found = templateStatus(aTemplate(), {}, { problems: [problem], nowMs });
    expect(found.conditions).toMatchObject([
      { type: 'Ready', status: 'False', message: 'spec.html: tag if is not closed' },
      { type: 'Stalled', status: 'True' },
    ]);
    expect(found).not.toHaveProperty('sizeBytes');
  });
});

describe('the status of a suppression list', () => {
  it('counts what is declared and earned', () => {
    const counts = { declared: 3, earned: 2 };
    const found = suppressionListStatus(aList(), counts, { problems: [], nowMs });
    expect(suppressionListKind.status.parse(found)).toEqual(found);
    expect(found).toMatchObject({ ...counts, conditions: [{ type: 'Ready', status: 'True' }] });
  });

  it('that is not complete waits for what is missing', () => {
    const problem: Problem = {
      object: { kind: 'SuppressionList', namespace: 'mail', name: 'blocked' },
      field: 'spec.configMapRefs[0].name',
      reason: 'ConfigMapNotFound',
      message: 'create it',
      severity: 'Error',
    };
    const found = suppressionListStatus(aList(), {}, { problems: [problem], nowMs });
    expect(found.conditions).toMatchObject([
      { type: 'Ready', status: 'False' },
      { type: 'Reconciling', status: 'True' },
    ]);
  });
});
