import { describe, expect, it } from 'vitest';
import type { ResourceSet } from '../../../../controller/api/resource.ts';
import { compile } from '../../../../controller/domain/compile/compile.ts';
import {
  changedObjects,
  compiledNamespace,
} from '../../../../controller/operator/compilation/compiled-namespace.ts';
import { readPolicy } from '../../../../controller/cli/policy-file.ts';
import { aCampaign, aList, aMailbox, anEsp, aPool, aResourceSet } from '../../../builders/resource.ts';

const policy = await readPolicy();
const compiled = (change: Partial<ResourceSet> = {}) => {
  const resources = aResourceSet(change);
  return compiledNamespace('mail', resources, compile(resources, policy));
};
const changedBy = (change: Partial<ResourceSet>) => changedObjects(compiled(), compiled(change)).sort();

describe('what is to be said anew after a compilation', () => {
  it('is everything the first time', () => {
    expect(changedObjects(undefined, compiled())).toHaveLength(5);
  });

  it('is nothing when nothing changed', () => {
    expect(changedBy({})).toEqual([]);
  });

  it('is an object of a new generation, though its plan is the same', () => {
    expect(changedBy({ mailboxes: [aMailbox('anna', { metadata: { generation: 2 } })] })).toEqual([
      'Mailbox/anna',
    ]);
  });

  it('is a mailbox that changed, its pool, and the campaigns that wait for the pool', () => {
    const mailboxes = [aMailbox('anna', { spec: { displayName: 'Anna' } })];
    expect(changedBy({ mailboxes })).toEqual(['Campaign/spring', 'Mailbox/anna', 'SendingPool/outreach']);
  });

  it('is not a mailbox beside the one that changed', () => {
    const before = compiled({ mailboxes: [aMailbox(), aMailbox('ben')] });
    const after = compiled({ mailboxes: [aMailbox('anna', { spec: { suspend: true } }), aMailbox('ben')] });
    expect(changedObjects(before, after)).not.toContain('Mailbox/ben');
  });

  it('is what named a Secret that is gone', () => {
    const secrets = aResourceSet().secrets.filter(({ name }) => name !== 'anna-login');
    expect(changedBy({ secrets })).toContain('Mailbox/anna');
  });

  it('is a mailbox that no pool has any more', () => {
    const sendingPools = [aPool('outreach', { spec: { mailboxes: { names: ['ben'] } } })];
    expect(changedBy({ sendingPools })).toContain('Mailbox/anna');
  });

  it('is all that a pool has, when it is scaled to no sender or from none', () => {
    const outreach = aPool('outreach', { spec: { esps: [{ name: 'relay', weight: 1 }] } });
    const scaled = { ...outreach.spec.senders, replicas: 0 };
    const withRelay = (senders = outreach.spec.senders) =>
      compiled({
        emailServiceProviders: [anEsp('relay')],
        sendingPools: [{ ...outreach, spec: { ...outreach.spec, senders } }],
      });
    const concerned = ['Campaign/spring', 'EmailServiceProvider/relay', 'Mailbox/anna'];
    expect(changedObjects(withRelay(), withRelay(scaled)).sort()).toEqual(concerned);
    expect(changedObjects(withRelay(scaled), withRelay()).sort()).toEqual(concerned);
    expect(changedObjects(withRelay(scaled), withRelay(scaled))).toEqual([]);
  });

  it('is a campaign with other rows, and a list with other entries', () => {
    const audience = { inline: 'email\nann@example.org\n', format: 'CSV', emailColumn: 'email' } as const;
    expect(changedBy({ campaigns: [aCampaign('spring', { spec: { audience } })] })).toEqual([
      'Campaign/spring',
    ]);
    const list = (addresses: string[]) => [aList('blocked', { spec: { addresses } })];
    const before = compiled({ suppressionLists: list(['a@example.org']) });
    const after = compiled({ suppressionLists: list(['b@example.org']) });
    expect(changedObjects(before, after)).toEqual(['SuppressionList/blocked']);
  });
});
