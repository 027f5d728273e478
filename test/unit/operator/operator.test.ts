import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../../controller/cli/policy-file.ts';
import { createLedgerModel } from '../../../controller/domain/ledger-model/ledger-model.ts';
import type { Leadership } from '../../../controller/operator/kube/leader-election.ts';
import { Operator } from '../../../controller/operator/operator.ts';
import { aMailbox, aPool } from '../../builders/resource.ts';
import { keptLog, ManualClock } from './kube/manual-clock.ts';
import { PlayedCluster } from './played/played-cluster.ts';
import { SILENT } from './played/played-operator.ts';
import { playedSettings } from './played/played-settings.ts';

const policy = await readPolicy();

/** An operator that is elected when the test says so. */
function standingBy(isTellingObjects: boolean) {
  const cluster = new PlayedCluster();
  const clock = new ManualClock();
  const ledger = createLedgerModel({ now: () => clock.now(), sleep: (ms) => clock.sleep(ms) });
  const elected = Promise.withResolvers<void>();
  const operator = new Operator({
    transport: cluster.transport,
    ledger,
    policy,
    settings: playedSettings,
    confirmCommand: 'mailers ledger confirm',
    importAudience: () => Promise.resolve(),
    recorder: { record: () => undefined, stop: () => Promise.resolve() },
    elector: {
      run: async (signal: AbortSignal, lead: (leadership: Leadership) => Promise<void>) => {
        await elected.promise;
        await lead({ epoch: 1, signal, isHeld: () => true });
        return 'Released' as const;
      },
    },
    namespaces: [],
    isTellingObjects,
    isWatchingSecrets: true,
    statusWritesPerSecond: 20,
    observe: () => SILENT,
    clock,
    random: () => 0.5,
    log: keptLog(),
  });
  const stopping = new AbortController();
  const ended = operator.run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await clock.advance(1_000);
    await ended;
  };
  return { cluster, clock, operator, elect: () => elected.resolve(), stop };
}

const seriesOf = (operator: Operator) =>
  operator
    .objectMetrics()
    .split('\n')
    .filter((line) => line.startsWith('mailers_'));

describe('the series of the resources', () => {
  it('are told by the leader alone, follow the statuses, and end with their objects', async () => {
    const { cluster, clock, operator, elect, stop } = standingBy(true);
    cluster.declare('mailboxes', aMailbox('anna'));
    cluster.declare('sendingpools', aPool('outreach', { spec: { esps: [] } }));
    await clock.advance(1_000);
    expect(operator.objectMetrics()).toBe('');
    elect();
    await clock.advance(5_000);
    expect(seriesOf(operator)).toEqual([
      'mailers_objects{kind="Mailbox",namespace="mail",ready="False"} 1',
      'mailers_objects{kind="SendingPool",namespace="mail",ready="False"} 1',
      'mailers_condition{kind="Mailbox",namespace="mail",name="anna",type="Ready",status="False"} 1',
      'mailers_condition{kind="SendingPool",namespace="mail",name="outreach",type="Ready",status="False"} 1',
    ]);
    cluster.declare('secrets', { metadata: { namespace: 'mail', name: 'anna-login' } });
    await clock.advance(5_000);
    expect(seriesOf(operator)[0]).toBe('mailers_objects{kind="Mailbox",namespace="mail",ready="Unknown"} 1');
    cluster.delete('mailboxes', 'mail/anna');
    await clock.advance(5_000);
    expect(seriesOf(operator).filter((line) => line.includes('Mailbox'))).toEqual([]);
    await stop();
    expect(operator.objectMetrics()).toBe('');
  });

  it('are sums alone where that is wanted', async () => {
    const { cluster, clock, operator, elect, stop } = standingBy(false);
    cluster.declare('mailboxes', aMailbox('anna'));
    elect();
    await clock.advance(5_000);
    expect(seriesOf(operator)).toEqual(['mailers_objects{kind="Mailbox",namespace="mail",ready="False"} 1']);
    await stop();
  });
});
