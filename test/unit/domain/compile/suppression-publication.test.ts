import { describe, expect, it } from 'vitest';
import type { ConfigMap } from '../../../../controller/api/resource.ts';
import type { SuppressionListSpec } from '../../../../controller/api/suppression-list.ts';
import { suppressionKeys } from '../../../../controller/domain/address/suppression-keys.ts';
import { compile } from '../../../../controller/domain/compile/compile.ts';
import { projectPolicy } from '../../../builders/policy.ts';
import { aCampaign, aList, aPool, aResourceSet } from '../../../builders/resource.ts';

const policy = projectPolicy();

function compiled(spec: SuppressionListSpec, configMaps: readonly ConfigMap[] = []) {
  const set = aResourceSet({ suppressionLists: [aList('blocked', { spec })], configMaps });
  const { suppression, problems } = compile(set, policy);
  return { publication: suppression[0], problems };
}

const configMapRefs = [{ name: 'people' }];

function people(text: string): ConfigMap[] {
  return [{ namespace: 'mail', name: 'people', data: { 'addresses.txt': text } }];
}

describe('publishing a suppression list', () => {
  it('gathers what the list and its ConfigMaps declare', () => {
    const spec = { addresses: ['Rob@Example.org'], domains: ['@bad.example'], configMapRefs };
    const { publication, problems } = compiled(spec, people('# mine\nzoe@example.org\n@worse.example\n'));
    expect(problems).toEqual([]);
    expect(publication).toMatchObject({ namespace: 'mail', list: 'blocked', entries: 4 });
    expect(publication?.domains).toEqual(['bad.example', 'worse.example']);
    for (const address of ['rob@example.org', 'zoe@example.org']) {
      expect(publication?.addresses).toContain(suppressionKeys(address).addresses[0]);
    }
  });

  it('reads the key that a reference names', () => {
    const configMap = { namespace: 'mail', name: 'people', data: { mine: 'zoe@example.org\n' } };
    const { publication } = compiled({ configMapRefs: [{ name: 'people', key: 'mine' }] }, [configMap]);
    expect(publication?.entries).toBe(1);
  });

  it('has a revision that follows from the entries alone', () => {
    const one = compiled({ addresses: ['a@example.org', 'b@example.org'] }).publication;
    const other = compiled({ addresses: ['B@example.org', 'a@example.org', 'b@example.org'] }).publication;
    const different = compiled({ addresses: ['a@example.org'] }).publication;
    expect(one?.revision).toBe(other?.revision);
    expect(one?.revision).not.toBe(different?.revision);
  });

  it('publishes an empty list, so that asking it is allowed', () => {
    expect(compiled({}).publication).toMatchObject({ addresses: [], domains: [], entries: 0 });
  });

  it('says which entries it cannot read and publishes the rest', () => {
    const spec = { addresses: ['rob@', 'ann@example.org'], domains: ['com'], configMapRefs };
    const { publication, problems } = compiled(spec, people('ok@example.org\nnot an address\n'));
    expect(problems.map(({ field, severity }) => [field, severity])).toEqual([
      ['spec.addresses', 'Error'],
      ['spec.domains', 'Error'],
      ['spec.configMapRefs[0]', 'Error'],
    ]);
    expect(problems[0]?.message).toMatch(/^"rob@" .*: it suppresses nobody until it is corrected$/);
    expect(problems[2]?.message).toMatch(/^line 2 of ConfigMap people, key addresses.txt: "not an address"/);
    expect(publication?.entries).toBe(2);
  });

  it('does not repeat itself a thousand times', () => {
    const text = Array.from({ length: 30 }, (_unused, index) => `bad ${index}`).join('\n');
    const { problems } = compiled({ configMapRefs }, people(text));
    expect(problems).toHaveLength(21);
    expect(problems[20]?.message).toBe('10 further entries are wrong and suppress nobody');
  });

  it.each([
    ['without its ConfigMap', [], 'ConfigMapNotFound', 'spec.configMapRefs[0].name'],
    [
      'without the key',
      [{ namespace: 'mail', name: 'people', data: {} }],
      'ConfigMapKeyNotFound',
      'spec.configMapRefs[0].key',
    ],
  ])(
    'does not publish half a list %s, and nothing that needs it is sent',
    (_how, configMaps, reason, field) => {
      const set = aResourceSet({
        suppressionLists: [aList('blocked', { spec: { addresses: ['a@example.org'], configMapRefs } })],
        configMaps,
        sendingPools: [aPool('outreach', { spec: { suppressionLists: ['blocked'] } }), aPool('quiet')],
        campaigns: [aCampaign('spring'), aCampaign('summer', { spec: { poolRef: { name: 'quiet' } } })],
      });
      const { plans, problems, suppression } = compile(set, policy);
      expect(suppression).toEqual([]);
      expect(problems[0]).toMatchObject({ object: { kind: 'SuppressionList' }, reason, field });
      expect(plans.map((plan) => plan.campaigns[0]?.blocked?.reason)).toEqual([
        'SuppressionListNotFound',
        undefined,
      ]);
    },
  );
});
