import { describe, expect, it } from 'vitest';
import { objectMetrics, type ObjectSource } from '../../../controller/operator/object-metrics.ts';

type Conditions = Readonly<Record<string, 'True' | 'False' | 'Unknown'>>;

const object = (name: string, conditions?: Conditions) => ({
  metadata: { namespace: 'mail', name },
  ...(conditions === undefined
    ? {}
    : {
        status: {
          conditions: Object.entries(conditions).map(([type, status]) => ({
            type: type as 'Ready',
            status,
            reason: 'Succeeded' as const,
            message: '',
            lastTransitionTime: '2026-01-01T00:00:00Z',
          })),
        },
      }),
});
const sources = (...mailboxes: ReturnType<typeof object>[]): ObjectSource[] => [
  { kind: 'Mailbox', values: () => mailboxes },
  { kind: 'SendingPool', values: () => [object('outreach', { Ready: 'True', SendersAvailable: 'True' })] },
];
const seriesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('the series of the resources', () => {
  const all = sources(
    object('anna', { Ready: 'True', Authenticated: 'True' }),
    object('ben', { Ready: 'False', Stalled: 'True' }),
    object('carla', { Ready: 'False', Reconciling: 'True' }),
    object('dave'),
  );

  it('are one per kind, namespace and readiness', () => {
    expect(seriesOf(objectMetrics(all, false))).toEqual([
      'mailers_objects{kind="Mailbox",namespace="mail",ready="True"} 1',
      'mailers_objects{kind="Mailbox",namespace="mail",ready="False"} 2',
      'mailers_objects{kind="Mailbox",namespace="mail",ready="Unknown"} 1',
      'mailers_objects{kind="SendingPool",namespace="mail",ready="True"} 1',
    ]);
  });

  it('are, where that is wanted, Ready and Stalled of each object besides, and no other condition', () => {
    expect(seriesOf(objectMetrics(all, true)).filter((line) => line.startsWith('mailers_condition'))).toEqual(
      [
        'mailers_condition{kind="Mailbox",namespace="mail",name="anna",type="Ready",status="True"} 1',
        'mailers_condition{kind="Mailbox",namespace="mail",name="ben",type="Ready",status="False"} 1',
        'mailers_condition{kind="Mailbox",namespace="mail",name="ben",type="Stalled",status="True"} 1',
        'mailers_condition{kind="Mailbox",namespace="mail",name="carla",type="Ready",status="False"} 1',
        'mailers_condition{kind="Mailbox",namespace="mail",name="dave",type="Ready",status="Unknown"} 1',
        'mailers_condition{kind="SendingPool",namespace="mail",name="outreach",type="Ready",status="True"} 1',
      ],
    );
  });

  it('explain themselves and end with a line end, as Prometheus wants it', () => {
    const text = objectMetrics(all, true);
    expect(text.match(/^# TYPE \w+ gauge$/gm)).toHaveLength(2);
    expect(text.endsWith('\n')).toBe(true);
  });

  it('are one for each of ten thousand mailboxes, and one sum of them', () => {
    const mailboxes = Array.from({ length: 10_000 }, (_, index) =>
      object(`mailbox-${index}`, { Ready: 'True' }),
    );
    const series = seriesOf(objectMetrics(sources(...mailboxes), true));
    expect(series.filter((line) => line.startsWith('mailers_condition{kind="Mailbox"'))).toHaveLength(10_000);
    expect(series).toContain('mailers_objects{kind="Mailbox",namespace="mail",ready="True"} 10000');
  });
});
