import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../controller/api/kinds.ts';
import type { AnyResource } from '../../controller/api/resource.ts';
import { exampleManifest } from '../../controller/cli/generate/kind-files.ts';
import { checkObject } from '../../controller/cli/manifests/object-check.ts';
import { createObjectSchemas } from '../../controller/cli/manifests/object-schema.ts';
import { INVALID_MANIFESTS } from '../builders/invalid-manifests/all.ts';
import {
  campaignManifest,
  mailboxManifest,
  poolManifest,
  suppressionListManifest,
  type Manifest,
} from '../builders/manifest.ts';
import { VALID_MANIFESTS } from '../builders/valid-manifest.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { kubectl } from './kubectl.ts';
import { connectApi, type Api } from './manifest-api.ts';
import { waitUntil } from './process/wait-until.ts';

const CRDS = fileURLToPath(new URL('../../crds', import.meta.url));
const schemas = createObjectSchemas();

/** What the loader makes of a manifest: the object with its defaults. */
function loaded(manifest: Manifest): AnyResource {
  const checked = checkObject(manifest, schemas);
  if (checked.verdict !== 'Resource') throw new Error(`refused: ${JSON.stringify(checked)}`);
  return checked.resource;
}

describe('the CRDs on a real API server', { timeout: 60_000 }, () => {
  let dir: string;
  let plane: ControlPlane;
  let api: Api;
  const run = async (...args: string[]) => await kubectl(plane.kubeconfig, args);

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'crds-'));
    plane = await startControlPlane({ dir });
    await run('apply', '-k', CRDS);
    await run('wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all');
    api = await connectApi(plane.kubeconfig);
  }, 3_600_000);

  afterAll(async () => {
    await api.close();
    await plane.stop();
    await rm(dir, { recursive: true });
  }, 60_000);

  it('are structural and established, with short names and one category', async () => {
    const conditions = await run(
      'get',
      'crd',
      '-o',
      'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.status=="True")].type}{"\\n"}{end}',
    );
    const established = Object.values(KINDS).map(
      ({ plural }) => `${plural}.mailers.io NamesAccepted Established`,
    );
    expect(conditions.trim().split('\n').sort()).toEqual(established.sort());
    const names = ['mailers', ...Object.values(KINDS).flatMap(({ shortNames }) => shortNames)];
    // Discovery follows a moment after a CRD is established.
    const isKnown = async () => (await run('get', names.join(','))) !== undefined;
    await waitUntil('kubectl knows every name', isKnown, { timeoutMs: 20_000 });
  });

  it('apply a second time without a change', async () => {
    const again = await run('apply', '-k', CRDS);
    expect(
      again
        .trim()
        .split('\n')
        .filter((line) => !line.endsWith(' unchanged')),
    ).toEqual([]);
  });

  describe('a valid manifest', () => {
    it.each(VALID_MANIFESTS.map(([what, manifest], index) => ({ what, manifest, name: `valid-${index}` })))(
      'is stored as the loader understands it: $what',
      async ({ manifest, name }) => {
        const { spec } = await api.create({ ...manifest, metadata: { name } });
        expect(spec).toEqual(loaded(manifest).spec);
      },
    );

    it.each(Object.values(KINDS))('is what the reference page of $kind shows', async (kind) => {
      const example = await exampleManifest(kind);
      await kubectl(plane.kubeconfig, ['apply', '--dry-run=server', '-f', '-'], { input: example });
    });
  });

  describe('an invalid manifest', () => {
    it.each(INVALID_MANIFESTS)(
      '$manifest.kind: is refused for $fault',
      async ({ manifest, field, message, serverField, serverMessage }) => {
        const refusal = await api.refusalOf('create', manifest);
        expect(refusal).toContain(serverField ?? field);
        expect(refusal).toContain(serverMessage ?? message);
        const hasSeveral = refusal?.includes('is invalid: [');
        if (hasSeveral) expect(refusal).toContain('some validation rules were not checked');
      },
    );
  });

  describe('a change', () => {
    it.each([
      {
        what: 'the address of a mailbox',
        before: mailboxManifest({}, 'fixed'),
        after: mailboxManifest({ address: 'ben@example.com' }, 'fixed'),
        field: 'spec.address',
        message: 'is immutable: quota is counted per address; create another Mailbox instead',
      },
      {
        what: 'the pool of a campaign',
        before: campaignManifest({}, 'fixed'),
        after: campaignManifest({ poolRef: { name: 'other' } }, 'fixed'),
        field: 'spec.poolRef',
        message: 'is immutable: what was sent is accounted in the pool; create another Campaign instead',
      },
    ])('of $what is refused, by the loader too', async ({ before, after, field, message }) => {
      await api.create(before);
      const refusal = await api.refusalOf('replace', after);
      expect(refusal).toContain(`${field}: `);
      expect(refusal).toContain(message);
      const rules = schemas(after.apiVersion, after.kind)?.rules;
      expect(rules?.evaluate(loaded(after), loaded(before))).toEqual([{ path: field.split('.'), message }]);
    });

    it('elsewhere in an object that a newer rule would refuse is accepted, and of the refused field is not', async () => {
      const path = '/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations';
      const withoutRules = JSON.stringify([{ op: 'remove', path }]);
      const old = mailboxManifest({ quota: { recipientsPerDay: 9000 } }, 'old');
      await run('patch', 'crd', 'mailboxes.mailers.io', '--type=json', '-p', withoutRules);
      await waitUntil('the rules are gone', async () => (await api.refusalOf('create', old)) === undefined, {
        timeoutMs: 20_000,
      });
      await run('apply', '-k', CRDS);
      const fresh = mailboxManifest({ quota: { recipientsPerDay: 9000 } }, 'fresh');
      await waitUntil('the rules are back', async () => (await api.refusalOf('check', fresh)) !== undefined, {
        timeoutMs: 20_000,
      });

      const suspended = mailboxManifest({ quota: { recipientsPerDay: 9000 }, suspend: true }, 'old');
      expect(await api.refusalOf('replace', suspended)).toBeUndefined();
      const raised = mailboxManifest({ quota: { recipientsPerDay: 9001 } }, 'old');
      expect(await api.refusalOf('replace', raised)).toContain('must be at most 2,000');
      const lowered = mailboxManifest({ quota: { recipientsPerDay: 2000 } }, 'old');
      expect(await api.refusalOf('replace', lowered)).toBeUndefined();
    });
  });

  it('explain every field that a person may set', async () => {
    const explained = await run('explain', 'mailbox.spec.quota.recipientsPerDay');
    expect(explained).toContain('most recipients in any rolling 24 hours');
    expect(await run('explain', 'sp.spec.routing')).toContain('overflowReasons');
  });

  it('scale a pool with kubectl', async () => {
    await api.create(poolManifest({}, 'scaled'));
    await run('scale', 'sendingpool/scaled', '--replicas=3');
    expect(await run('get', 'sp', 'scaled', '-o', 'jsonpath={.spec.senders.replicas}')).toBe('3');
  });

  it('select by the fields that lead from one object to another', async () => {
    await api.create(campaignManifest({ poolRef: { name: 'selected' } }, 'selected'));
    const found = await run('get', 'camp', '--field-selector=spec.poolRef.name=selected', '-o', 'name');
    expect(found.trim()).toBe('campaign.mailers.io/selected');
  });

  it('keep a status with a reason that they do not know yet, and refuse one that is no condition', async () => {
    const condition = {
      type: 'Ready',
      status: 'False',
      reason: 'MadeUpLater',
      message: 'of a newer version',
      lastTransitionTime: '2026-11-24T09:00:00Z',
    };
    await api.create(suppressionListManifest({}, 'status'));
    const patchStatus = ['patch', 'sl', 'status', '--subresource=status', '--type=merge', '-p'];
    const write = async (conditions: unknown[]) =>
      await run(...patchStatus, JSON.stringify({ status: { conditions } }));
    await write([condition]);
    expect(await run('get', 'sl', 'status')).toContain('False');
    await expect(write([{ ...condition, status: 'Maybe' }])).rejects.toThrow(
      'supported values: "True", "False", "Unknown"',
    );
  });
});
