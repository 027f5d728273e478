import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import type { AnyResource, ResourceSet, SendingPool } from '../../../../controller/api/resource.ts';
import { checkObject } from '../../../../controller/cli/manifests/object-check.ts';
import { createObjectSchemas } from '../../../../controller/cli/manifests/object-schema.ts';
import { readPolicy } from '../../../../controller/cli/policy-file.ts';
import { compile } from '../../../../controller/domain/compile/compile.ts';
import { importJob } from '../../../../controller/operator/objects/import-job.ts';
import type { SenderSettings } from '../../../../controller/operator/objects/sender-settings.ts';
import { decidePool } from '../../../../controller/operator/reconcilers/sending-pool/pool-decision.ts';

/** `NAME.in.yaml` becomes `NAME.out.yaml`: read the difference, then let `vitest -u` write it. */
const GOLDEN = join(import.meta.dirname, 'golden');
const schemas = createObjectSchemas();
const settings: SenderSettings = {
  image: 'registry.example.com/mailers:1.2.3',
  redisSecret: 'mailers-redis',
  ledgerPrefix: 'mailers',
  ledgerPorts: [6379],
};
const ledger = { id: 'ledger-2', replaces: ['ledger-1'] };
const podSettings = { ...settings, ledgerId: ledger.id };

/** The objects of a file as the API server stores them: with defaults, in a namespace, with a uid. */
async function resourcesOf(file: string): Promise<ResourceSet> {
  const documents = parseAllDocuments(await readFile(join(GOLDEN, file), 'utf8'));
  const objects = documents.map((document): AnyResource => {
    const checked = checkObject(document.toJS(), schemas);
    if (checked.verdict !== 'Resource') throw new Error(`${file}: ${JSON.stringify(checked)}`);
    const { metadata } = checked.resource;
    return {
      ...checked.resource,
      metadata: { ...metadata, namespace: 'sales', uid: `uid-of-${metadata.name}` },
    };
  });
  const ofKind = <K extends AnyResource['kind']>(kind: K) =>
    objects.filter((object): object is Extract<AnyResource, { kind: K }> => object.kind === kind);
  return {
    mailboxes: ofKind('Mailbox'),
    emailServiceProviders: ofKind('EmailServiceProvider'),
    sendingPools: ofKind('SendingPool'),
    suppressionLists: ofKind('SuppressionList'),
    templates: ofKind('Template'),
    campaigns: ofKind('Campaign'),
    secrets: [],
    configMaps: [],
  };
}

async function objectsFor(file: string): Promise<string> {
  const resources = await resourcesOf(file);
  const { plans } = compile(resources, await readPolicy());
  const [pool] = resources.sendingPools as readonly [SendingPool];
  const [plan] = plans;
  if (plan === undefined) throw new Error(`${file} declares no pool`);
  const nothing = { deployments: [], serviceAccounts: [], disruptionBudgets: [], networkPolicies: [] };
  const decision = decidePool({ pool, plan, ...nothing }, settings, ledger);
  const intents = Object.values(decision).flatMap((wanted) => wanted.intents);
  return intents.map((intent) => stringify(intent, { aliasDuplicateObjects: false })).join('---\n');
}

describe('the objects made for a pool', () => {
  it.each(['shared', 'isolated', 'long-names'])(
    'of %s.in.yaml are those of the golden file',
    async (name) => {
      await expect(await objectsFor(`${name}.in.yaml`)).toMatchFileSnapshot(join(GOLDEN, `${name}.out.yaml`));
    },
  );

  it('let one missing Secret stop one mailbox only', async () => {
    const text = await objectsFor('shared.in.yaml');
    expect(text.match(/optional: true/g)).toHaveLength(5);
  });
});

describe('the Job that imports an audience', () => {
  it('is that of the golden file', async () => {
    const resources = await resourcesOf('campaign.in.yaml');
    const [campaign] = resources.campaigns;
    const key = { namespace: 'sales', pool: 'outreach', campaign: 'spring' };
    const location = { kind: 'Secret', namespace: 'sales', name: 'rows', key: 'audience.csv' } as const;
    const request = { key, location, format: 'CSV', emailColumn: 'email' } as const;
    const secret = { name: 'rows', key: 'audience.csv', resourceVersion: '7' };
    if (campaign === undefined) throw new Error('no campaign');
    const job = importJob(campaign, { request, secret }, podSettings);
    await expect(stringify(job, { aliasDuplicateObjects: false })).toMatchFileSnapshot(
      join(GOLDEN, 'campaign.out.yaml'),
    );
    const nameOf = (version: string, ledgerId: string) =>
      importJob(
        campaign,
        { request, secret: { ...secret, resourceVersion: version } },
        { ...settings, ledgerId },
      ).metadata.name;
    const names = [nameOf('7', ledger.id), nameOf('8', ledger.id), nameOf('7', 'ledger-3')];
    expect(names[0]).toBe(job.metadata.name);
    expect(new Set(names).size).toBe(3);
  });
});
