import { describe, expect, it } from 'vitest';
import type { CampaignSpec } from '../../../../controller/api/campaign.ts';
import type { PlanCampaign } from '../../../../controller/api/plan.ts';
import type { ResourceSet } from '../../../../controller/api/resource.ts';
import { compile } from '../../../../controller/domain/compile/compile.ts';
import { projectPolicy } from '../../../builders/policy.ts';
import { aCampaign, aList, aPool, aResourceSet, aTemplate, anEsp } from '../../../builders/resource.ts';

const policy = projectPolicy();

/** Compiles spring with a changed spec; gives its plan and what is asked and said about it. */
function compiled(spec: Partial<CampaignSpec> = {}, set: Partial<ResourceSet> = {}) {
  const base = aCampaign('spring', { spec });
  const compilation = compile(aResourceSet({ campaigns: [base], ...set }), policy);
  const plan = compilation.plans[0]?.campaigns[0];
  return { ...compilation, plan };
}

/** The same without the template, for campaigns of steps. */
function withSteps(steps: CampaignSpec['steps']): Partial<ResourceSet> {
  const { templateRef: _template, ...spec } = aCampaign('spring').spec;
  return {
    campaigns: [{ ...aCampaign('spring'), spec: { ...spec, ...(steps === undefined ? {} : { steps }) } }],
    templates: [aTemplate('greeting'), aTemplate('reminder', { spec: { html: '<p>Still there?</p>' } })],
  };
}

describe('a campaign in the plan', () => {
  it('of one template is one step', () => {
    expect(compiled().plan).toEqual({
      name: 'spring',
      steps: [
        {
          name: 'message',
          delayMs: 0,
          template: {
            name: 'greeting',
            subject: 'Hello {{ name }}',
            text: 'Hello {{ name }}',
            variables: [{ name: 'name', default: 'there' }],
          },
        },
      ],
      from: {},
      suppressionLists: [],
      expireAfterMs: 259_200_000,
      suspended: false,
    } satisfies PlanCampaign);
  });

  it('keeps the steps in order and ignores the first one’s delay', () => {
    const steps = [
      { name: 'first', templateRef: { name: 'greeting' }, delaySeconds: 60 },
      { name: 'second', templateRef: { name: 'reminder' }, delaySeconds: 3600 },
      { name: 'third', templateRef: { name: 'reminder' } },
    ];
    const { plan } = compiled({}, withSteps(steps));
    expect(plan?.steps.map(({ name, delayMs }) => [name, delayMs])).toEqual([
      ['first', 0],
      ['second', 3_600_000],
      ['third', 0],
    ]);
    expect(plan?.steps[1]?.template).toMatchObject({ html: '<p>Still there?</p>' });
  });

  it('carries who it is from, when it runs and whom it spares', () => {
    const { plan } = compiled(
      {
        from: { address: 'team@example.com', displayName: 'Team' },
        replyTo: 'replies@example.com',
        schedule: {
          startTime: '2026-11-24T09:00:00Z',
          startingDeadlineSeconds: 60,
          endTime: '2026-11-25T09:00:00+01:00',
        },
        suppressionLists: ['z', 'a'],
        suspend: true,
      },
      { suppressionLists: [aList('a'), aList('z')] },
    );
    const startMs = Date.UTC(2026, 10, 24, 9);
    expect(plan).toMatchObject({
      from: { address: 'team@example.com', displayName: 'Team' },
      replyTo: 'replies@example.com',
      startMs,
      startDeadlineMs: startMs + 60_000,
      endMs: Date.UTC(2026, 10, 25, 8),
      suppressionLists: ['a', 'z'],
      suspended: true,
    });
    expect(plan).not.toHaveProperty('blocked');
  });

  it('has no deadline without a start', () => {
    const { plan } = compiled({ schedule: { startingDeadlineSeconds: 60 } });
    expect(plan).not.toHaveProperty('startDeadlineMs');
  });

  it('has variables without defaults where the template has', () => {
    const templates = [aTemplate('greeting', { spec: { variables: [{ name: 'city', sample: 'Rome' }] } })];
    expect(compiled({}, { templates }).plan?.steps[0]?.template.variables).toEqual([{ name: 'city' }]);
  });

  it('needs no variables', () => {
    const { variables: _variables, text: _text, ...spec } = aTemplate('greeting').spec;
    const templates = [{ ...aTemplate('greeting'), spec: { ...spec, html: '<p>Hi</p>' } }];
    expect(compiled({}, { templates }).plan?.steps[0]?.template).toEqual({
      name: 'greeting',
      subject: 'Hello {{ name }}',
      html: '<p>Hi</p>',
      variables: [],
    });
  });
});

describe('a campaign that cannot be sent', () => {
  it.each<[string, Partial<CampaignSpec>, string, string]>([
    ['has no template', { templateRef: { name: 'nowhere' } }, 'spec.templateRef.name', 'TemplateNotFound'],
    [
      'begins on no day',
      { schedule: { startTime: '2026-02-30T00:00:00Z' } },
      'spec.schedule.startTime',
      'Invalid',
    ],
    ['ends on no day', { schedule: { endTime: '2026-02-30T00:00:00Z' } }, 'spec.schedule.endTime', 'Invalid'],
    [
      'ends before it begins',
      { schedule: { startTime: '2026-11-24T00:00:00Z', endTime: '2026-11-24T00:00:00Z' } },
      'spec.schedule.endTime',
      'Invalid',
    ],
    [
      'spares a list that is not there',
      { suppressionLists: ['nowhere'] },
      'spec.suppressionLists',
      'SuppressionListNotFound',
    ],
    [
      'reads a ConfigMap that is not there',
      { audience: { configMapRef: { name: 'nowhere', key: 'x' }, format: 'CSV', emailColumn: 'email' } },
      'spec.audience.configMapRef.name',
      'ConfigMapNotFound',
    ],
    [
      'reads a key that is not there',
      { audience: { configMapRef: { name: 'rows', key: 'x' }, format: 'CSV', emailColumn: 'email' } },
      'spec.audience.configMapRef.key',
      'ConfigMapKeyNotFound',
    ],
    [
      'reads a Secret that is not there',
      { audience: { secretRef: { name: 'nowhere', key: 'x' }, format: 'CSV', emailColumn: 'email' } },
      'spec.audience.secretRef.name',
      'SecretNotFound',
    ],
    [
      'has no audience',
      { audience: { format: 'CSV', emailColumn: 'email' } },
      'spec.audience',
      'AudienceInvalid',
    ],
  ])('%s', (_why, spec, field, reason) => {
    const configMaps = [{ namespace: 'mail', name: 'rows', data: { 'audience.csv': 'email\n' } }];
    const { plan, problems } = compiled(spec, { configMaps });
    expect(problems).toMatchObject([
      { object: { kind: 'Campaign', namespace: 'mail', name: 'spring' }, field, reason, severity: 'Error' },
    ]);
    expect(plan?.blocked).toEqual({ reason, message: problems[0]?.message });
  });

  it('misses the template of a step, which keeps its position', () => {
    const steps = [
      { name: 'first', templateRef: { name: 'nowhere' }, delaySeconds: 0 },
      { name: 'second', templateRef: { name: 'greeting' }, delaySeconds: 60 },
    ];
    const { plan, problems } = compiled({}, withSteps(steps));
    expect(problems).toMatchObject([{ field: 'spec.steps[0].templateRef.name', reason: 'TemplateNotFound' }]);
    expect(plan?.blocked?.reason).toBe('TemplateNotFound');
    expect(plan?.steps.map(({ name }) => name)).toEqual(['first', 'second']);
    expect(plan?.steps[0]?.template).toEqual({ name: 'nowhere', subject: '', variables: [] });
  });

  it('has a template that does not render', () => {
    const templates = [aTemplate('greeting', { spec: { text: 'Hello {{ nmae }}' } })];
    const { plan, problems } = compiled({}, { templates });
    expect(problems).toMatchObject([
      { object: { kind: 'Template', name: 'greeting' }, field: 'spec.text', reason: 'TemplateInvalid' },
      {
        object: { kind: 'Campaign', name: 'spring' },
        field: 'spec.templateRef.name',
        reason: 'TemplateInvalid',
      },
    ]);
    expect(problems[1]?.message).toMatch(/^Template greeting cannot be sent: spec.text: .*nmae/);
    expect(plan?.blocked?.reason).toBe('TemplateInvalid');
  });

  it('says no step at all', () => {
    expect(compiled({}, withSteps(undefined)).plan?.steps).toEqual([]);
  });

  it('has no pool', () => {
    const { plan, problems, audiences } = compiled({ poolRef: { name: 'nowhere' } });
    expect(plan).toBeUndefined();
    expect(audiences).toEqual([]);
    expect(problems).toMatchObject([{ field: 'spec.poolRef.name', reason: 'PoolNotFound' }]);
  });
});

describe('the From of a campaign', () => {
  const esp = { domains: ['example.com'] };
  const espOnly = aPool('outreach', { spec: { mailboxes: { names: [] } } });

  it('is a warning where one of several routes has none', () => {
    const emailServiceProviders = [
      anEsp('relay', { spec: { ...esp, from: { address: 'a@elsewhere.net' } } }),
    ];
    const { plan, problems } = compiled({}, { emailServiceProviders });
    expect(problems).toMatchObject([{ reason: 'SenderMissing', severity: 'Warning' }]);
    expect(plan).not.toHaveProperty('blocked');
  });

  it('blocks the campaign where no route has one', () => {
    const emailServiceProviders = [
      anEsp('relay', { spec: { ...esp, from: { address: 'a@elsewhere.net' } } }),
    ];
    const { plan } = compiled({}, { emailServiceProviders, sendingPools: [espOnly] });
    expect(plan?.blocked?.reason).toBe('SenderMissing');
  });
});

describe('what is to be read for a campaign', () => {
  const key = { namespace: 'mail', pool: 'outreach', campaign: 'spring' };

  it.each([
    [{ inline: 'email\n' }, { kind: 'Text', text: 'email\n' }],
    [
      { configMapRef: { name: 'rows', key: 'audience.csv' } },
      { kind: 'Text', text: 'email\nx@example.org\n' },
    ],
    [
      { secretRef: { name: 'anna-login', key: 'appPassword' } },
      { kind: 'Secret', namespace: 'mail', name: 'anna-login', key: 'appPassword' },
    ],
    [{ file: { path: 'audience.csv' } }, { kind: 'File', path: 'audience.csv' }],
  ])('%j', (source, location) => {
    const configMaps = [
      { namespace: 'mail', name: 'rows', data: { 'audience.csv': 'email\nx@example.org\n' } },
    ];
    const audience = { ...source, format: 'NDJSON', emailColumn: 'mail' } as const;
    const { audiences } = compiled({ audience }, { configMaps });
    expect(audiences).toEqual([{ key, location, format: 'NDJSON', emailColumn: 'mail' }]);
  });
});
