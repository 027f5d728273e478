import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { OBJECT_SERIES } from '../../../controller/operator/object-metrics.ts';
import { KubeMetrics } from '../../../controller/operator/kube/metrics.ts';
import { chartData, chartText } from './chart-files.ts';
import { readPromql } from './promql.ts';

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; description: string };
}

interface Panel {
  title: string;
  gridPos: { x: number; y: number };
  targets: { expr: string }[];
}

/** Of Prometheus itself: whether a target answers. */
const PROMETHEUS_OWN = ['up'];

const rules = chartData('mailers/files/rules/operator.yaml') as Rule[];
const { panels } = chartData('mailers/files/dashboards/operator.json') as { panels: Panel[] };

const expressions = [
  ...rules.map(({ alert, expr }) => ({ of: alert, expression: expr.replaceAll('{JOB', '{job="operator"') })),
  ...panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      of: title,
      expression: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, 'value'),
    })),
  ),
];

/** The operator's series as Prometheus stores them: histograms as _bucket, _sum and _count. */
async function operatorSeries(): Promise<Set<string>> {
  const registry = new Registry();
  const operator = new KubeMetrics(registry);
  operator.onLeadership('mailers-operator');
  const metrics = await registry.getMetricsAsJSON();
  return new Set([
    ...OBJECT_SERIES,
    ...metrics.flatMap(({ name, type }) =>
      String(type) === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
    ),
  ]);
}

describe.each(expressions)('$of: $expression', ({ expression }) => {
  const { errors, metrics } = readPromql(expression);

  it('is PromQL', () => {
    expect(errors).toEqual([]);
  });

  it('asks for series that the operator has', async () => {
    const known = await operatorSeries();
    expect(metrics).not.toEqual([]);
    expect(metrics.filter((name) => !known.has(name) && !PROMETHEUS_OWN.includes(name))).toEqual([]);
  });
});

describe('the alerts', () => {
  it('have names of their own', () => {
    const names = rules.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
  });

  it('say what is so and what it means', () => {
    for (const { annotations } of rules) {
      expect(annotations.summary.length).toBeGreaterThan(10);
      expect(annotations.description.length).toBeGreaterThan(10);
    }
  });

  it('look at the release only: every selector has the place for its job', () => {
    const text = chartText('mailers/files/rules/operator.yaml');
    for (const { expr } of rules) {
      const selectors = readPromql(expr.replaceAll('{JOB', '{job="operator"')).metrics.length;
      expect(expr.match(/\{JOB/g)).toHaveLength(selectors);
    }
    expect(text).not.toContain('job=');
  });
});

describe('the reader of PromQL', () => {
  it('finds what is wrong, so that the tests above mean something', () => {
    expect(readPromql('sum by (controller (rate(x[5m]))').errors).not.toEqual([]);
    expect(readPromql('rate(a_total{job="x"}[5m]) / on () b').metrics).toEqual(['a_total', 'b']);
  });
});
