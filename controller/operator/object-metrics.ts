/**
 * How the resources are, as series: made at each scrape from what the caches hold, so that they cost nothing in between and end with their
 * objects.
 *
 * Per object only `Ready` and `Stalled` are told: two series at most, whatever a kind's other conditions are. They are written as text at once,
 * because a gauge per object keeps its labels for ever and costs ten times as much.
 */
import type { Condition } from '../api/conditions.ts';
import type { KindName } from '../api/resource-kind.ts';
import type { KubeObject } from './kube/resource.ts';

type Reporting = KubeObject & {
  readonly status?: { readonly conditions?: readonly Condition[] | undefined } | undefined;
};

/** The objects of a kind. */
export interface ObjectSource {
  readonly kind: KindName;
  values(): Iterable<Reporting>;
}

const OBJECTS = 'mailers_objects';
const CONDITION = 'mailers_condition';

/** Every series that there may be. */
export const OBJECT_SERIES: readonly string[] = [OBJECTS, CONDITION];

/**
 * In Prometheus' text format, for the end of other metrics. Names are those of Kubernetes objects: nothing in them needs escaping.
 * @param isPerObject also one series per object and condition, besides the sums
 */
export function objectMetrics(sources: readonly ObjectSource[], isPerObject: boolean): string {
  const sums = new Map<string, number>();
  const conditions: string[] = [];
  for (const source of sources) {
    const { kind } = source;
    for (const { metadata, status } of source.values()) {
      const place = `{kind="${kind}",namespace="${metadata.namespace ?? ''}"`;
      const ready = statusOf(status?.conditions, 'Ready') ?? 'Unknown';
      const sum = `${OBJECTS}${place},ready="${ready}"}`;
      sums.set(sum, (sums.get(sum) ?? 0) + 1);
      if (!isPerObject) continue;
      const object = `${CONDITION}${place},name="${metadata.name}"`;
      conditions.push(`${object},type="Ready",status="${ready}"} 1`);
      const stalled = statusOf(status?.conditions, 'Stalled');
      if (stalled !== undefined) conditions.push(`${object},type="Stalled",status="${stalled}"} 1`);
    }
  }
  const lines = [
    `# HELP ${OBJECTS} Resources by whether they are ready; told by the leader.`,
    `# TYPE ${OBJECTS} gauge`,
    ...[...sums].map(([series, count]) => `${series} ${count}`),
  ];
  if (isPerObject) {
    lines.push(
      `# HELP ${CONDITION} 1 for the present status of each resource's Ready, and of Stalled while it has it; told by the leader.`,
      `# TYPE ${CONDITION} gauge`,
    );
  }
  return `${[...lines, ...conditions].join('\n')}\n`;
}

function statusOf(conditions: readonly Condition[] | undefined, type: Condition['type']): string | undefined {
  return conditions?.find((condition) => condition.type === type)?.status;
}
