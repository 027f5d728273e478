import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailboxManifest, poolManifest } from '../../builders/manifest.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { waitUntil } from '../process/wait-until.ts';
import { everything } from './campaign-documents.ts';
import { conditionOf, has, startOperatorWorld, type OperatorWorld } from './operator-world.ts';

const reason = await reasonToSkip('control-plane');
const title =
  reason === undefined ? 'two replicas of the operator' : `two replicas of the operator (${reason})`;
const namespace = 'available';
const OUTAGE_PATIENCE_MS = 80_000;
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'anna' },
  stringData: { appPassword: 'x' },
};

describe.skipIf(reason !== undefined)(title, { timeout: 180_000 }, () => {
  let world: OperatorWorld;

  beforeAll(async () => {
    world = await startOperatorWorld({ controllers: true });
    await world.startOperator('operator-1');
    await world.startOperator('operator-2');
  }, 3_600_000);

  afterAll(() => world.stop(), 60_000);

  const lease = async () =>
    (await world.get('default', 'coordination.k8s.io/v1/leases', 'mailers-operator'))?.spec as
      { holderIdentity?: string } | undefined;
  const leader = async () => (await lease())?.holderIdentity?.split('_')[0] ?? '';
  const running = () => world.operators.filter(({ pid }) => pid() !== undefined);
  /** Ends the one that leads; another one must lead then. Answers after how long it did, ms. */
  const endLeader = async (signal: NodeJS.Signals): Promise<number> => {
    const name = await leader();
    const began = performance.now();
    await running()
      .find((operator) => operator.name === name)
      ?.stop(signal);
    const others = () => running().map((operator) => operator.name);
    await waitUntil('another one leads', async () => others().includes(await leader()), {
      timeoutMs: 30_000,
    });
    return performance.now() - began;
  };
  /** As a kubelet does: a leader that could not renew its lease for 10 s has ended. */
  const startEndedAgain = async () => {
    const ended = ['operator-1', 'operator-2'].filter((name) => running().every((one) => one.name !== name));
    for (const name of ended) await world.startOperator(name);
  };
  const pool = (suspend: boolean) => poolManifest({ suspend });
  const place = { namespace, kind: 'SendingPool', name: 'pool' } as const;

  it('let one of them lead', async () => {
    await world.apply(namespace, [secret, mailboxManifest(), pool(true)]);
    await world.until(place, has('MailboxesResolved', 'True'));
    expect(await leader()).toBe('operator-1');
  });

  it('have the leader alone tell how the resources are', async () => {
    const told = async (index: number) => {
      const metrics = await (await fetch(`${world.operators[index]?.healthUrl}/metrics`)).text();
      return metrics.split('\n').filter((line) => line.startsWith('mailers_'));
    };
    const there = `{kind="SendingPool",namespace="${namespace}"`;
    const sum = `mailers_objects${there},ready="False"} 1`;
    await waitUntil('it is counted', async () => (await told(0)).includes(sum), { timeoutMs: 10_000 });
    expect(await told(0)).toContain(`mailers_condition${there},name="pool",type="Ready",status="False"} 1`);
    expect(await told(1)).toEqual([]);
  });

  it('tell in whose words the API server refuses what a pool asks for, until it takes it', async () => {
    const resources = { requests: { memory: '2Gi' }, limits: { memory: '1Mi' } };
    await world.apply(namespace, [poolManifest({ suspend: true, senders: { resources } })]);
    const refused = await world.until(place, has('SendersAvailable', 'False', 'Invalid'));
    expect(conditionOf(refused, 'Stalled')).toMatchObject({
      status: 'True',
      message: expect.stringContaining('must be less than or equal to memory limit of 1Mi') as string,
    });
    await world.apply(namespace, [pool(true)]);
    await world.until(place, (found) => !has('SendersAvailable', 'False', 'Invalid')(found));
  });

  it('go on through a restart and a kill of the API server', async () => {
    await world.plane.restartApiServer();
    await world.apply(namespace, [poolManifest({ senders: { replicas: 2 } })]);
    const deployment = { namespace, kind: 'apps/v1/deployments', name: 'pool-sender' } as const;
    await world.until(deployment, ({ spec }) => spec['replicas'] === 2, OUTAGE_PATIENCE_MS);
    await startEndedAgain();
    await world.plane.killApiServer();
    await world.apply(namespace, [poolManifest({ senders: { replicas: 1 } })]);
    // Watches come back after up to 30 s; where a leader has ended, the other one takes over.
    await world.until(deployment, ({ spec }) => spec['replicas'] === 1, OUTAGE_PATIENCE_MS);
    await startEndedAgain();
  });

  it('hand over within five seconds when the leader is told to end', async () => {
    expect(await endLeader('SIGTERM')).toBeLessThan(5_000);
    await world.apply(namespace, [poolManifest({ senders: { replicas: 3 } })]);
    await world.until(
      { namespace, kind: 'apps/v1/deployments', name: 'pool-sender' },
      ({ spec }) => spec['replicas'] === 3,
    );
  });

  it('lose a leader that is killed, and go on when its lease has run out', async () => {
    await world.startOperator('operator-3');
    await endLeader('SIGKILL');
    await world.apply(namespace, [poolManifest({ senders: { replicas: 4 } })]);
    await world.until(
      { namespace, kind: 'apps/v1/deployments', name: 'pool-sender' },
      ({ spec }) => spec['replicas'] === 4,
    );
  });

  it('leave nothing behind when everything is deleted together', async () => {
    await world.run('delete', 'namespace', namespace, '--timeout=60s');
    await waitUntil(
      'the plan is withdrawn',
      async () => (await world.ledger.plans.revision({ namespace, pool: 'pool' })) === undefined,
      { timeoutMs: 20_000 },
    );
  });

  it('withdraw, cancel and forget what was deleted while none of them ran', async () => {
    const orphaned = 'orphaned';
    const key = { namespace: orphaned, pool: 'pool', campaign: 'launch' };
    const { plans, audience, suppression } = world.ledger;
    await world.apply(orphaned, everything());
    await waitUntil('its rows are there', async () => (await audience.counts(key)).pending === 1, {
      timeoutMs: 20_000,
    });
    await Promise.all(running().map((operator) => operator.stop()));
    await world.run('delete', 'mb,sp,sl,tpl,camp', '--all', '-n', orphaned);
    expect(await plans.revision(key)).toBeDefined();
    await world.startOperator('operator-4');
    await waitUntil('its list is forgotten', async () => (await suppression.published(orphaned)).size === 0, {
      timeoutMs: 20_000,
    });
    expect(await plans.revision(key)).toBeUndefined();
    expect((await audience.counts(key)).cancelled).toBe(1);
  });
});
