import { describe, expect, it } from 'vitest';
import { planSchema } from '../../../../controller/api/plan.ts';
import type { SendingPoolSpec } from '../../../../controller/api/sending-pool.ts';
import type { ResourceSet } from '../../../../controller/api/resource.ts';
import { compile } from '../../../../controller/domain/compile/compile.ts';
import { projectPolicy } from '../../../builders/policy.ts';
import {
  aCampaign,
  aList,
  aMailbox,
  anEsp,
  aPool,
  aResourceSet,
  aTemplate,
} from '../../../builders/resource.ts';

const policy = projectPolicy();
const unsubscribe = {
  baseUrl: 'https://u.example.com/u',
  signingKeySecretRef: { name: 'unsubscribe', key: 'signingKey' },
};

function pooled(spec: Partial<SendingPoolSpec>, set: Partial<ResourceSet> = {}) {
  return compile(aResourceSet({ sendingPools: [aPool('outreach', { spec })], ...set }), policy);
}

describe('compiling resources', () => {
  it('gives a plan that its readers accept, and nothing to complain of', () => {
    const { plans, problems } = compile(aResourceSet(), policy);
    expect(problems).toEqual([]);
    expect(plans.map((plan) => planSchema.parse(plan))).toEqual(plans);
  });

  it('gives nothing for nothing', () => {
    const nothing: ResourceSet = {
      mailboxes: [],
      emailServiceProviders: [],
      sendingPools: [],
      suppressionLists: [],
      templates: [],
      campaigns: [],
      secrets: [],
      configMaps: [],
    };
    expect(compile(nothing, policy)).toEqual({ plans: [], problems: [], audiences: [], suppression: [] });
  });

  it('does not depend on the order of the files', () => {
    const set = aResourceSet({
      mailboxes: [aMailbox('anna'), aMailbox('ben'), aMailbox('anna', { metadata: { namespace: 'b' } })],
      sendingPools: [aPool('outreach'), aPool('alpha'), aPool('outreach', { metadata: { namespace: 'b' } })],
      emailServiceProviders: [anEsp('relay'), anEsp('backup')],
      suppressionLists: [aList('one'), aList('two')],
      templates: [aTemplate('greeting'), aTemplate('other')],
      campaigns: [aCampaign('spring'), aCampaign('autumn')],
    });
    const turned: ResourceSet = {
      mailboxes: [...set.mailboxes].reverse(),
      emailServiceProviders: [...set.emailServiceProviders].reverse(),
      sendingPools: [...set.sendingPools].reverse(),
      suppressionLists: [...set.suppressionLists].reverse(),
      templates: [...set.templates].reverse(),
      campaigns: [...set.campaigns].reverse(),
      secrets: [...set.secrets].reverse(),
      configMaps: [],
    };
    expect(compile(turned, policy)).toEqual(compile(set, policy));
  });

  it('takes the later of two objects with one name', () => {
    const set = aResourceSet({
      templates: [aTemplate(), aTemplate('greeting', { spec: { subject: 'New' } })],
    });
    expect(compile(set, policy).plans[0]?.campaigns[0]?.steps[0]?.template.subject).toBe('New');
  });

  it('gives a plan a new revision exactly when its content changes', () => {
    const revision = (set: ResourceSet) => compile(set, policy).plans[0]?.revision;
    const before = revision(aResourceSet());
    expect(before).toMatch(/^[0-9a-f]{32}$/);
    expect(revision(aResourceSet({ templates: [aTemplate(), aTemplate('unused')] }))).toBe(before);
    expect(revision(aResourceSet({ mailboxes: [aMailbox('anna', { spec: { suspend: true } })] }))).not.toBe(
      before,
    );
  });

  it('makes the windows short for a demonstration', () => {
    const quota = { recipientsPerDay: 100, recipientsPerHour: 10, reservePercent: 0 };
    const set = aResourceSet({ mailboxes: [aMailbox('anna', { spec: { quota } })] });
    const { plans } = compile(set, policy, { windowMs: 60_000 });
    expect(plans[0]?.mailboxes[0]?.limits.map(({ windowMs }) => windowMs)).toEqual([60_000, 2500]);
  });

  it('counts only campaigns of the pool’s own namespace', () => {
    const campaigns = [aCampaign('spring', { metadata: { namespace: 'b' } })];
    const { plans, problems } = compile(aResourceSet({ campaigns }), policy);
    expect(plans[0]?.campaigns).toEqual([]);
    expect(problems).toMatchObject([{ reason: 'PoolNotFound', object: { namespace: 'b' } }]);
  });
});

describe('a pool in the plan', () => {
  it('states routing, lists and identity as declared', () => {
    const { plans } = pooled(
      {
        purpose: 'Marketing',
        postalAddress: 'Street 1',
        unsubscribe: { ...unsubscribe, mailto: 'out@example.com' },
        suppressionLists: ['b', 'a'],
        suspend: true,
        uncertain: 'Retry',
      },
      { suppressionLists: [aList('a'), aList('b')] },
    );
    expect(plans[0]).toMatchObject({
      namespace: 'mail',
      pool: 'outreach',
      purpose: 'Marketing',
      suspended: true,
      uncertain: 'Retry',
      routing: { prefer: 'Mailboxes', overflow: 'ESP', overflowReasons: ['QuotaExhausted', 'Unavailable'] },
      suppressionLists: ['a', 'b'],
      unsubscribe: {
        baseUrl: 'https://u.example.com/u',
        mailto: 'out@example.com',
        signingKey: { name: 'unsubscribe', key: 'signingKey' },
      },
      postalAddress: 'Street 1',
    });
  });

  it.each<[string, Partial<SendingPoolSpec>, string, string]>([
    [
      'a Marketing pool offers no unsubscribe',
      { purpose: 'Marketing' },
      'UnsubscribeMissing',
      'spec.unsubscribe',
    ],
    [
      'its signing key is missing',
      { unsubscribe: { ...unsubscribe, signingKeySecretRef: { name: 'nowhere', key: 'k' } } },
      'SecretNotFound',
      'spec.unsubscribe.signingKeySecretRef.name',
    ],
    [
      'its unsubscribe URL is none',
      { unsubscribe: { ...unsubscribe, baseUrl: 'https://[' } },
      'Invalid',
      'spec.unsubscribe.baseUrl',
    ],
    [
      'a suppression list is missing',
      { suppressionLists: ['nowhere'] },
      'SuppressionListNotFound',
      'spec.suppressionLists',
    ],
  ])('sends nothing when %s', (_why, spec, reason, field) => {
    const { plans, problems } = pooled(spec);
    expect(problems).toMatchObject([{ object: { kind: 'SendingPool' }, reason, field, severity: 'Error' }]);
    expect(plans[0]?.campaigns[0]?.blocked?.reason).toBe(reason);
  });
});

describe('the domain of Message-IDs', () => {
  const domainOf = (spec: Partial<SendingPoolSpec>, set: Partial<ResourceSet> = {}) =>
    pooled(spec, set).plans[0]?.messageIdDomain;

  it('is the host of the unsubscribe service, which stays', () => {
    expect(domainOf({ unsubscribe })).toBe('u.example.com');
  });

  it.each(['https://127.0.0.1:8443/u', 'https://localhost/u', 'https://['])(
    'is the pool’s own name where %s is no domain',
    (baseUrl) => {
      expect(domainOf({ unsubscribe: { ...unsubscribe, baseUrl } })).toMatch(
        /^[0-9a-f]{12}\.mailers\.invalid$/,
      );
    },
  );

  it('does not change with the mailboxes', () => {
    const before = domainOf({});
    expect(before).toMatch(/^[0-9a-f]{12}\.mailers\.invalid$/);
    expect(domainOf({}, { mailboxes: [aMailbox('aaron'), aMailbox('anna')] })).toBe(before);
  });
});
