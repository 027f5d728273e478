import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KINDS } from '../../../controller/api/kinds.ts';
import type { KindName } from '../../../controller/api/resource-kind.ts';
import { kstatusOf } from '../../../controller/operator/kube/kstatus.ts';
import { runLua } from './lua.ts';
import { anObservedResource } from './observed-resource.ts';

const folder = new URL('../../../examples/gitops/argocd/', import.meta.url);
const text = (file: string) => readFileSync(new URL(file, folder), 'utf8');
const health = text('health.lua');
const actions = parse(text('actions.yaml')) as {
  'discovery.lua': string;
  definitions: { name: string; 'action.lua': string }[];
};

const healthOf = async (object: object) => (await runLua(health, object)) as { status: string; message: string };
const kinds = Object.keys(KINDS) as KindName[];
const suspendable = kinds.filter((kind) => 'suspend' in anObservedResource(kind).spec);

describe('the health that Argo CD shows', () => {
  describe.each(kinds)('of a %s', (kind) => {
    it('is Healthy when the operator says Ready', async () => {
      expect(await healthOf(anObservedResource(kind))).toMatchObject({ status: 'Healthy' });
    });

    it('is Degraded, with what to do, when a person must act', async () => {
      const { status, message } = await healthOf(anObservedResource(kind, { fault: 'Invalid' }));
      expect({ status, message }).toEqual({ status: 'Degraded', message: 'spec.field: what Invalid means' });
    });

    it('is Progressing when it waits for something that may still come', async () => {
      const { status, message } = await healthOf(anObservedResource(kind, { fault: 'SecretNotFound' }));
      expect({ status, message }).toEqual({
        status: 'Progressing',
        message: 'spec.field: what SecretNotFound means',
      });
    });

    it('is Progressing until the operator has looked at it', async () => {
      const { status: _, ...untouched } = anObservedResource(kind);
      expect(await healthOf(untouched)).toEqual({
        status: 'Progressing',
        message: 'Waiting for the operator to look at it',
      });
    });

    it('is Progressing until the operator has looked at the last change', async () => {
      const object = anObservedResource(kind);
      const changed = { ...object, metadata: { ...object.metadata, generation: 3 } };
      expect(await healthOf(changed)).toMatchObject({ status: 'Progressing' });
    });

    it('is Progressing while it is being deleted', async () => {
      const object = anObservedResource(kind);
      const leaving = { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-11-24T09:00:00Z' } };
      expect(await healthOf(leaving)).toEqual({ status: 'Progressing', message: 'Is being deleted' });
    });
  });

  it.each(suspendable)('of a suspended %s is Suspended', async (kind) => {
    expect(await healthOf(anObservedResource(kind, { isSuspended: true }))).toMatchObject({ status: 'Suspended' });
  });

  it('agrees with kstatus, hence with Flux and kubectl wait, whatever the conditions are', async () => {
    const words: Record<ReturnType<typeof kstatusOf>['status'], string> = {
      Current: 'Healthy',
      InProgress: 'Progressing',
      Failed: 'Degraded',
      Terminating: 'Progressing',
    };
    const condition = fc.record({
      type: fc.constantFrom('Ready', 'Reconciling', 'Stalled', 'Authenticated'),
      status: fc.constantFrom('True', 'False', 'Unknown'),
      reason: fc.constant('Succeeded'),
      message: fc.constant('so it is'),
    });
    const object = fc.record({
      apiVersion: fc.constant('mailers.io/v1alpha1'),
      kind: fc.constant('Mailbox'),
      metadata: fc.record({ name: fc.constant('anna'), generation: fc.constantFrom(1, 2) }),
      status: fc.record({
        observedGeneration: fc.constantFrom(1, 2),
        conditions: fc
          .uniqueArray(condition, { selector: ({ type }) => type, maxLength: 4 })
          .filter((conditions) => conditions.some(({ type }) => type === 'Ready')),
      }),
    });
    await fc.assert(
      fc.asyncProperty(object, async (resource) => {
        expect((await healthOf(resource)).status).toBe(words[kstatusOf(resource).status]);
      }),
      { numRuns: 100 },
    );
  });
});

describe.each(suspendable)('the actions that Argo CD offers on a %s', (kind) => {
  const run = async (name: string, object: object) => {
    const action = actions.definitions.find((definition) => definition.name === name);
    return (await runLua(action?.['action.lua'] ?? '', object)) as ReturnType<typeof anObservedResource>;
  };
  const offered = async (object: object) => {
    const found = (await runLua(actions['discovery.lua'], object)) as Record<string, { disabled: boolean }>;
    return Object.entries(found).flatMap(([name, { disabled }]) => (disabled ? [] : [name]));
  };

  it('are suspend, and resume when it is suspended', async () => {
    expect(await offered(anObservedResource(kind))).toEqual(['suspend']);
    expect(await offered(anObservedResource(kind, { isSuspended: true }))).toEqual(['resume']);
  });

  it('change spec.suspend and nothing else', async () => {
    const object = anObservedResource(kind);
    const suspended = await run('suspend', object);
    expect(suspended.spec).toEqual({ ...object.spec, suspend: true });
    expect({ ...(await run('resume', suspended)).spec }).toEqual({ ...object.spec, suspend: false });
  });

  it('each have a definition', async () => {
    const found = (await runLua(actions['discovery.lua'], anObservedResource(kind))) as object;
    expect(Object.keys(found).sort()).toEqual(actions.definitions.map(({ name }) => name).sort());
  });
});

describe('the ConfigMap for Argo CD', () => {
  const { configMapGenerator } = parse(text('kustomization.yaml')) as {
    configMapGenerator: { files: string[] }[];
  };
  const files = configMapGenerator[0]?.files ?? [];

  it('has the health check of every kind', () => {
    for (const kind of kinds) {
      expect(files).toContain(`resource.customizations.health.mailers.io_${kind}=health.lua`);
    }
  });

  it('has the actions of every kind that can be suspended, and of no other', () => {
    const withActions = files.flatMap((file) => /actions\.mailers\.io_(\w+)=actions\.yaml/.exec(file)?.[1] ?? []);
    expect(withActions.sort()).toEqual([...suspendable].sort());
  });
});
