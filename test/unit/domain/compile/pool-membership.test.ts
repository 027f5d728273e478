import { describe, expect, it } from 'vitest';
import type { ResourceSet } from '../../../../controller/api/resource.ts';
import { compile } from '../../../../controller/domain/compile/compile.ts';
import { ownership, poolMembership } from '../../../../controller/domain/compile/pool-membership.ts';
import { poolMailboxes } from '../../../../controller/domain/compile/pool-plan.ts';
import { indexResources } from '../../../../controller/domain/compile/resource-index.ts';
import type { Policy } from '../../../../controller/domain/policy/policy.ts';
import { projectPolicy } from '../../../builders/policy.ts';
import { aMailbox, aPool, aResourceSet } from '../../../builders/resource.ts';

const policy = projectPolicy();
const unsubscribe = {
  baseUrl: 'https://u.example.com',
  signingKeySecretRef: { name: 'unsubscribe', key: 'signingKey' },
};
const marketing = { purpose: 'Marketing', unsubscribe, postalAddress: 'Street 1' } as const;

/** Names of the mailboxes of each pool, with the reason why one is blocked. */
function members(set: Partial<ResourceSet>, using: Policy = policy): Record<string, string[]> {
  const secrets = ['anna', 'ben', 'cleo'].map((name) => ({ namespace: 'mail', name: `${name}-login` }));
  const resources = aResourceSet({
    ...set,
    secrets: [
      ...secrets,
      { namespace: 'mail', name: 'relay-login' },
      { namespace: 'mail', name: 'unsubscribe' },
      { namespace: 'other', name: 'anna-login' },
    ],
  });
  return Object.fromEntries(
    compile(resources, using).plans.map((plan) => [
      plan.pool,
      plan.mailboxes.map(({ name, blocked }) =>
        blocked === undefined ? name : `${name}: ${blocked.reason}`,
      ),
    ]),
  );
}

function gmail(name: string) {
  return aMailbox(name, { spec: { provider: 'Gmail', address: `${name}@gmail.com` } });
}

describe('the mailboxes of a pool', () => {
  it('are those of its namespace that it selects or names, in the order of names', () => {
    const mailboxes = [
      aMailbox('cleo'),
      aMailbox('ben', { metadata: { labels: { team: 'growth' } } }),
      aMailbox('anna', { metadata: { labels: { team: 'growth' } } }),
      aMailbox('anna', { metadata: { namespace: 'other', labels: { team: 'growth' } } }),
    ];
    const byLabel = { selector: { matchLabels: { team: 'growth' } } };
    expect(
      members({ mailboxes, sendingPools: [aPool('outreach', { spec: { mailboxes: byLabel } })] }),
    ).toEqual({
      outreach: ['anna', 'ben'],
    });
    const both = { ...byLabel, names: ['cleo', 'anna'] };
    expect(members({ mailboxes, sendingPools: [aPool('outreach', { spec: { mailboxes: both } })] })).toEqual({
      outreach: ['anna', 'ben', 'cleo'],
    });
  });

  it('do not count when they are being deleted', () => {
    const gone = aMailbox('anna', { metadata: { deletionTimestamp: '2026-11-24T00:00:00Z' } });
    expect(members({ mailboxes: [gone] })).toEqual({ outreach: [] });
  });

  it('belong to one pool, the first by name', () => {
    const sendingPools = [aPool('outreach'), aPool('alpha')];
    const { problems } = compile(aResourceSet({ sendingPools }), policy);
    expect(members({ sendingPools })).toEqual({ alpha: ['anna'], outreach: ['anna: MailboxShared'] });
    expect(problems).toMatchObject([
      {
        object: { kind: 'SendingPool', name: 'outreach' },
        field: 'spec.mailboxes',
        reason: 'MailboxShared',
        message: expect.stringContaining('Mailbox anna belongs to SendingPool alpha already') as string,
      },
    ]);
  });

  it('have an account each, the first by name', () => {
    const mailboxes = [aMailbox('ben', { spec: { address: 'ANNA@example.com' } }), aMailbox('anna')];
    expect(members({ mailboxes })).toEqual({ outreach: ['anna', 'ben: MailboxShared'] });
  });

  it('have an account each over all namespaces', () => {
    const mailboxes = [aMailbox('anna'), aMailbox('anna', { metadata: { namespace: 'other' } })];
    const sendingPools = [aPool('outreach', { metadata: { namespace: 'other' } })];
    expect(members({ mailboxes, sendingPools })).toEqual({ outreach: ['anna: MailboxShared'] });
  });

  it('are missed when a name leads nowhere', () => {
    const pool = aPool('outreach', { spec: { mailboxes: { names: ['zoe', 'anna', 'max'] } } });
    const { problems } = compile(aResourceSet({ sendingPools: [pool] }), policy);
    expect(problems.map(({ field, reason, severity }) => [field, reason, severity])).toEqual([
      ['spec.mailboxes.names', 'MailboxNotFound', 'Error'],
      ['spec.mailboxes.names', 'MailboxNotFound', 'Error'],
    ]);
    expect(problems[0]?.message).toMatch(/^Mailbox max does not exist/);
  });

  it.each([
    ['an Error when there is no other way out', [], 'Error'],
    ['a Warning when an ESP remains', undefined, 'Warning'],
  ])('may be none, which is %s', (_what, esps, severity) => {
    const mailboxes = { selector: { matchLabels: { team: 'none' } } };
    const pool = aPool('outreach', { spec: { mailboxes, ...(esps === undefined ? {} : { esps }) } });
    const { problems } = compile(aResourceSet({ sendingPools: [pool] }), policy);
    expect(problems).toMatchObject([{ field: 'spec.mailboxes', reason: 'MailboxesEmpty', severity }]);
  });

  it('may be none without esps being named at all', () => {
    const { esps: _esps, ...spec } = aPool('outreach', { spec: { mailboxes: { names: [] } } }).spec;
    const pool = { ...aPool('outreach'), spec };
    expect(compile(aResourceSet({ sendingPools: [pool] }), policy).problems).toMatchObject([
      { reason: 'MailboxesEmpty', severity: 'Error' },
    ]);
  });

  it('need not be there in a pool of ESPs', () => {
    const { mailboxes: _mailboxes, ...spec } = aPool('outreach').spec;
    const pool = { ...aPool('outreach'), spec };
    expect(compile(aResourceSet({ sendingPools: [pool] }), policy).problems).toEqual([]);
  });
});

describe('consumer Gmail accounts', () => {
  it('do not send marketing mail', () => {
    const set = {
      mailboxes: [gmail('ben'), aMailbox('anna')],
      sendingPools: [aPool('outreach', { spec: marketing })],
    };
    expect(members(set)).toEqual({ outreach: ['anna', 'ben: ConsumerAccountForMarketing'] });
    const message = compile(aResourceSet(set), policy).problems[0]?.message;
    expect(message).toContain('https://www.google.com/gmail/about/policy/');
  });

  it('are not pooled to get round the limit of one', () => {
    const mailboxes = [gmail('cleo'), gmail('ben'), aMailbox('anna')];
    expect(members({ mailboxes })).toEqual({ outreach: ['anna', 'ben', 'cleo: ConsumerAccountsPooled'] });
  });

  it('may be as many as the policy says', () => {
    const profiles = new Map([
      ...policy.profiles,
      ['gmail-personal', { ...policy.profiles.get('gmail-personal'), policy: {} }] as const,
    ]);
    expect(members({ mailboxes: [gmail('cleo'), gmail('ben')] }, { ...policy, profiles })).toEqual({
      outreach: ['ben', 'cleo'],
    });
  });

  it('are recognised whatever provider the manifest names', () => {
    const secretRef = { name: 'ben-login', key: 'appPassword' };
    const disguised = aMailbox('ben', {
      spec: {
        provider: 'SMTP',
        address: 'ben@googlemail.com',
        smtp: { host: 'smtp.gmail.com' },
        auth: { password: { secretRef } },
      },
    });
    expect(members({ mailboxes: [disguised] })).toEqual({ outreach: ['ben: Invalid'] });
  });
});

describe('what was settled for other resources', () => {
  it('has no mailboxes for a pool that it does not know', () => {
    const index = indexResources(aResourceSet({ mailboxes: [aMailbox('anna')], sendingPools: [] }));
    expect(poolMembership(index, policy, aPool('late'), ownership(index)).members).toEqual([]);
  });

  it('makes no route of a mailbox that was not compiled', () => {
    expect(poolMailboxes([{ mailbox: aMailbox('anna'), findings: [] }], new Map())).toEqual([]);
  });
});
