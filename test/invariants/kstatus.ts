/**
 * Rules that every status must keep after a reconcile, so that kubectl, Flux and Argo CD read it rightly: those of
 * Flux's condition checker, for the abnormal-true conditions Reconciling and Stalled.
 *
 *     expect(kstatusFaults(mailbox)).toEqual([]);
 */
import type { KubeObject } from '../../controller/operator/kube/resource.ts';

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
}

/** Any of our resources as the API server shows it. */
export type ReportingObject = KubeObject & { status?: object | undefined };

interface Subject {
  generation: number;
  observedGeneration: number | undefined;
  conditions: readonly Condition[];
  ready: Condition | undefined;
  reconciling: Condition | undefined;
  stalled: Condition | undefined;
}

interface Rule {
  /** Said of an object that breaks the rule. */
  fault: string;
  isBroken(subject: Subject): boolean;
}

const isTrue = (condition: Condition | undefined) => condition?.status === 'True';

const RULES: readonly Rule[] = [
  { fault: 'Ready is missing', isBroken: ({ ready }) => ready === undefined },
  {
    fault: 'Reconciling and Ready are both True',
    isBroken: ({ ready, reconciling }) => isTrue(reconciling) && isTrue(ready),
  },
  {
    fault: 'Stalled is True but Ready is not False',
    isBroken: ({ ready, stalled }) => isTrue(stalled) && ready?.status !== 'False',
  },
  {
    fault: 'Reconciling and Stalled are there together',
    isBroken: ({ reconciling, stalled }) => reconciling !== undefined && stalled !== undefined,
  },
  {
    fault: 'Ready is Unknown but nothing is Reconciling',
    isBroken: ({ ready, reconciling }) => ready?.status === 'Unknown' && !isTrue(reconciling),
  },
  {
    fault: 'Reconciling is there without being True',
    isBroken: ({ reconciling }) => reconciling !== undefined && !isTrue(reconciling),
  },
  {
    fault: 'Stalled is there without being True',
    isBroken: ({ stalled }) => stalled !== undefined && !isTrue(stalled),
  },
  {
    fault: 'observedGeneration is missing from the status',
    isBroken: ({ observedGeneration }) => observedGeneration === undefined,
  },
  {
    fault: 'observedGeneration is ahead of the generation',
    isBroken: ({ generation, observedGeneration = 0 }) => observedGeneration > generation,
  },
  {
    fault: 'Ready is True though the newest generation was not observed',
    isBroken: ({ ready, generation, observedGeneration = generation }) =>
      isTrue(ready) && observedGeneration < generation,
  },
  {
    fault: 'Ready is True though a condition speaks of another generation',
    isBroken: ({ ready, conditions, observedGeneration }) =>
      isTrue(ready) && conditions.some((condition) => condition.observedGeneration !== observedGeneration),
  },
  {
    fault: 'a condition does not say which generation it speaks of',
    isBroken: ({ conditions }) => conditions.some((condition) => (condition.observedGeneration ?? 0) < 1),
  },
  {
    fault: 'a condition is there twice',
    isBroken: ({ conditions }) => new Set(conditions.map(({ type }) => type)).size < conditions.length,
  },
  {
    fault: 'a reason is not one CamelCase word',
    isBroken: ({ conditions }) => conditions.some(({ reason }) => !/^[A-Z][A-Za-z0-9]*$/.test(reason ?? '')),
  },
];

/** What is wrong with the status of an object; nothing when it may be shown to anybody. */
export function kstatusFaults(object: ReportingObject): string[] {
  const status: { observedGeneration?: number; conditions?: Condition[] } = object.status ?? {};
  const conditions = status.conditions ?? [];
  const find = (type: string) => conditions.find((condition) => condition.type === type);
  const subject: Subject = {
    generation: object.metadata.generation ?? 0,
    observedGeneration: status.observedGeneration,
    conditions,
    ready: find('Ready'),
    reconciling: find('Reconciling'),
    stalled: find('Stalled'),
  };
  return RULES.filter((rule) => rule.isBroken(subject)).map(({ fault }) => fault);
}
