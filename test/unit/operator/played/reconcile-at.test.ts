import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../../../controller/cli/policy-file.ts';
import type { Ledger } from '../../../../controller/domain/ports/ledger.ts';
import { aCampaign, aList, aMailbox, anEsp, aPool, aTemplate } from '../../../builders/resource.ts';
import type { PlayedObject } from './played-cluster.ts';
import { PlayedOperator } from './played-operator.ts';

const policy = await readPolicy();
const RECONCILE_AT = 'mailers.io/reconcile-at';

/** An operator in whose ledger something goes wrong as often as `faults` says. */
async function startedWith(objects: readonly [string, PlayedObject][], ledger?: (model: Ledger) => Ledger) {
  const operator = new PlayedOperator(policy, ledger === undefined ? {} : { ledger });
  for (const name of ['anna-login', 'relay-login', 'mailers-redis', 'contacts'])
    operator.cluster.declare('secrets', { metadata: { namespace: 'mail', name } });
  const others: [string, PlayedObject][] = [
    ['mailboxes', aMailbox()],
    ['emailserviceproviders', anEsp()],
    ['sendingpools', aPool('outreach', { spec: { suppressionLists: ['blocked'] } })],
    ['suppressionlists', aList()],
    ['templates', aTemplate()],
  ];
  for (const [plural, object] of [...others, ...objects]) operator.cluster.declare(plural, object);
  await operator.start();
  await operator.clock.advance(5_000);
  return operator;
}

function conditionOf(operator: PlayedOperator, plural: string, key: string, type: string) {
  const { status } = operator.cluster.collection(plural).get(key) ?? {};
  const { conditions = [] } = (status ?? {}) as {
    conditions?: { type: string; status: string; reason: string; message: string }[];
  };
  return conditions.find((condition) => condition.type === type);
}

describe('mailers.io/reconcile-at on a Campaign', () => {
  it('repeats an import that failed, once for each of its values, though the rows are the same', async () => {
    const audience = { inline: 'name\nRob\n', format: 'CSV', emailColumn: 'email' } as const;
    const operator = await startedWith([['campaigns', aCampaign('spring', { spec: { audience } })]]);
    expect(conditionOf(operator, 'campaigns', 'mail/spring', 'AudienceImported')).toMatchObject({
      status: 'False',
      reason: 'AudienceInvalid',
    });
    expect(operator.imports).toEqual(['spring']);
    operator.cluster.annotate('campaigns', 'mail/spring', { [RECONCILE_AT]: 'now' });
    await operator.clock.advance(130_000);
    expect(operator.imports).toEqual(['spring', 'spring']);
    expect(conditionOf(operator, 'campaigns', 'mail/spring', 'AudienceImported')?.reason).toBe(
      'AudienceInvalid',
    );
    await operator.stop();
  });

  it('makes the Job of a failed import anew, and only that', async () => {
    const campaign = aCampaign('spring', {
      spec: {
        audience: { secretRef: { name: 'contacts', key: 'csv' }, format: 'CSV', emailColumn: 'email' },
      },
    });
    const operator = await startedWith([['campaigns', campaign]]);
    const jobs = () => [...operator.cluster.collection('jobs').values()];
    const [first] = jobs();
    operator.cluster.annotate('campaigns', 'mail/spring', { [RECONCILE_AT]: 'while it runs' });
    await operator.clock.advance(5_000);
    expect(jobs().map(({ metadata }) => metadata.uid)).toEqual([first?.metadata.uid]);
    operator.cluster.setStatus('jobs', `mail/${first?.metadata.name}`, {
      conditions: [{ type: 'Failed', status: 'True' }],
    });
    await operator.clock.advance(5_000);
    expect(jobs().map(({ metadata }) => metadata.uid)).toEqual([first?.metadata.uid]);
    expect(conditionOf(operator, 'campaigns', 'mail/spring', 'AudienceImported')?.message).toContain(
      RECONCILE_AT,
    );
    operator.cluster.annotate('campaigns', 'mail/spring', { [RECONCILE_AT]: 'after it failed' });
    await operator.clock.advance(5_000);
    const [second, ...more] = jobs();
    expect(more).toEqual([]);
    expect(second?.metadata.name).toBe(first?.metadata.name);
    expect(second?.metadata.uid).not.toBe(first?.metadata.uid);
    await operator.stop();
  });
});

describe('mailers.io/reconcile-at on a SuppressionList', () => {
  it('repeats at once a publication that failed, whose next try would be half a minute away', async () => {
    let isBroken = true;
    let tries = 0;
    const operator = await startedWith([], (model) => ({
      ...model,
      suppression: {
        ...model.suppression,
        publish: async (...entries) => {
          tries += 1;
          if (isBroken) throw new Error('what was written is incomplete');
          await model.suppression.publish(...entries);
        },
      },
    }));
    await operator.clock.advance(300_000);
    isBroken = false;
    const before = tries;
    operator.cluster.annotate('suppressionlists', 'mail/blocked', { [RECONCILE_AT]: 'now' });
    await operator.clock.advance(500);
    expect(tries).toBe(before + 1);
    await operator.clock.advance(5_000);
    expect(conditionOf(operator, 'suppressionlists', 'mail/blocked', 'Ready')?.status).toBe('True');
    await operator.stop();
  });
});

it('sender pods of a ledger that is not this one: the pool names the command that reaches it', async () => {
  const container = { name: 'sender', env: [{ name: 'MAILERS_LEDGER_ID', value: 'another-ledger' }] };
  const operator = new PlayedOperator(policy);
  for (const [plural, object] of [
    ['mailboxes', aMailbox()],
    ['emailserviceproviders', anEsp()],
    ['sendingpools', aPool()],
  ] as const)
    operator.cluster.declare(plural, object);
  const { uid = '' } = operator.cluster.collection('sendingpools').get('mail/outreach')?.metadata ?? {};
  const owner = {
    apiVersion: 'mailers.io/v1alpha1',
    kind: 'SendingPool',
    name: 'outreach',
    uid,
    controller: true,
  };
  operator.cluster.declare('deployments', {
    metadata: { namespace: 'mail', name: 'outreach-sender', ownerReferences: [owner] },
    spec: { template: { spec: { containers: [container] } } },
  });
  await operator.start();
  await operator.clock.advance(5_000);
  const condition = conditionOf(operator, 'sendingpools', 'mail/outreach', 'LedgerDurable');
  expect(condition?.message).toContain(
    '(kubectl exec deploy/operator -- mailers ledger confirm --lost another-ledger)',
  );
  await operator.stop();
});
