import { describe, expect, it } from 'vitest';
import { configMapsOf, secretsOf } from '../../../controller/operator/references.ts';
import { aCampaign, aList, aMailbox, anEsp, aPool, aTemplate } from '../../builders/resource.ts';

describe('the Secrets that an object names', () => {
  it.each([
    [
      'a mailbox',
      aMailbox('anna', { spec: { smtp: { caSecretRef: { name: 'ca', key: 'ca.crt' } } } }),
      ['mail/anna-login', 'mail/ca'],
    ],
    ['a provider', anEsp(), ['mail/relay-login']],
    [
      'a pool with unsubscribe',
      aPool('p', {
        spec: {
          unsubscribe: {
            baseUrl: 'https://u.example.com',
            signingKeySecretRef: { name: 'key', key: 'signingKey' },
          },
        },
      }),
      ['mail/key'],
    ],
    ['a template', aTemplate(), []],
  ])('of %s', (_, object, keys) => {
    expect(secretsOf(object)).toEqual(keys);
  });
});

describe('the ConfigMaps that an object names', () => {
  it('are those of a list and of an audience', () => {
    const refs = [
      { name: 'one', key: 'a' },
      { name: 'two', key: 'b' },
    ];
    expect(configMapsOf(aList('l', { spec: { configMapRefs: refs } }))).toEqual(['mail/one', 'mail/two']);
    const audience = {
      configMapRef: { name: 'rows', key: 'r' },
      format: 'CSV',
      emailColumn: 'email',
    } as const;
    expect(configMapsOf(aCampaign('c', { spec: { audience } }))).toEqual(['mail/rows']);
  });
});
