import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../../../controller/cli/policy-file.ts';
import { aCampaign, aMailbox, anEsp, aPool, aTemplate } from '../../../builders/resource.ts';
import { failingLedger } from './failing-ledger.ts';
import { PlayedOperator } from './played-operator.ts';

const policy = await readPolicy();

/** An operator with a pool of one mailbox, and a ledger that is away when the test says so. */
async function started() {
  const state = { isAway: false };
  const operator = new PlayedOperator(policy, {
    ledger: (model) => failingLedger(model, () => state.isAway),
  });
  const { cluster, clock } = operator;
  for (const name of ['anna-login', 'relay-login', 'mailers-redis'])
    cluster.declare('secrets', { metadata: { namespace: 'mail', name } });
  cluster.declare('mailboxes', aMailbox());
  cluster.declare('emailserviceproviders', anEsp());
  await operator.start();
  const usage = () => {
    const { status } = cluster.collection('mailboxes').get('mail/anna') ?? {};
    return (status as { quota?: { usage?: string } } | undefined)?.quota?.usage;
  };
  return { operator, cluster, clock, usage, state };
}

describe('a mailbox whose status is made while the ledger is away', () => {
  it('has its quota again as soon as the ledger is back, though nothing else changes', async () => {
    const { operator, cluster, clock, usage, state } = await started();
    cluster.declare('sendingpools', aPool());
    await clock.advance(5_000);
    expect(usage()).toBe('0/1500');
    state.isAway = true;
    await clock.advance(15_000);
    cluster.declare('mailboxes', aMailbox('anna', { spec: { displayName: 'Anna' } }));
    await clock.advance(15_000);
    expect(usage()).toBeUndefined();
    state.isAway = false;
    await clock.advance(10_000);
    expect(usage()).toBe('0/1500');
    await operator.stop();
  });

  it('has it, too, when its pool came while the ledger was away', async () => {
    const { operator, cluster, clock, usage, state } = await started();
    await clock.advance(5_000);
    state.isAway = true;
    cluster.declare('sendingpools', aPool());
    await clock.advance(15_000);
    expect(usage()).toBeUndefined();
    state.isAway = false;
    await clock.advance(10_000);
    expect(usage()).toBe('0/1500');
    await operator.stop();
  });
});

describe('a campaign that is complete', () => {
  it('stays so while the ledger is away, and does not complete a second time', async () => {
    const { operator, cluster, clock, state } = await started();
    const audience = { inline: 'email\n', format: 'CSV', emailColumn: 'email' } as const;
    cluster.declare('sendingpools', aPool());
    cluster.declare('templates', aTemplate());
    cluster.declare('campaigns', aCampaign('spring', { spec: { audience } }));
    const told = () => cluster.collection('campaigns').get('mail/spring')?.status;
    await clock.advance(15_000);
    const complete = told();
    expect(complete).toMatchObject({ state: 'Complete' });
    state.isAway = true;
    await clock.advance(40_000);
    expect(told()).toEqual(complete);
    state.isAway = false;
    await clock.advance(40_000);
    expect(told()).toEqual(complete);
    expect(operator.events.filter((event) => event === 'spring Complete')).toHaveLength(1);
    await operator.stop();
  });
});
