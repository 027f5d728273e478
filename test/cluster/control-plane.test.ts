import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { kubectl } from './kubectl.ts';
import { reasonToSkip } from './machine-facts.ts';
import { waitUntil } from './process/wait-until.ts';

const reason = await reasonToSkip('control-plane');

describe.skipIf(reason !== undefined)(
  `the control plane${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 60_000 },
  () => {
    let dir: string;
    let plane: ControlPlane;

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'control-plane-'));
      plane = await startControlPlane({ dir, audit: true, controllers: true });
    }, 3_600_000);

    afterAll(async () => {
      await plane.stop();
      await rm(dir, { recursive: true });
    }, 60_000);

    const stored = async () =>
      await kubectl(plane.kubeconfig, ['get', 'configmap', 'note', '-o', 'jsonpath={.data.text}']);

    it('stores what kubectl writes, and keeps it through a restart and a kill of the API server', async () => {
      await kubectl(plane.kubeconfig, ['create', 'configmap', 'note', '--from-literal=text=kept']);
      await plane.restartApiServer();
      expect(await stored()).toBe('kept');
      await plane.killApiServer();
      expect(await stored()).toBe('kept');
    });

    it('answers as the pinned Kubernetes version', async () => {
      expect(await kubectl(plane.kubeconfig, ['version'])).toContain('Server Version: v1.35.4');
    });

    it('records each write in the audit log', async () => {
      await kubectl(plane.kubeconfig, ['create', 'configmap', 'counted']);
      const writes = (await readFile(plane.auditLog, 'utf8'))
        .split('\n')
        .filter((line) => line.includes('"verb":"create"') && line.includes('"name":"counted"'));
      expect(writes).toHaveLength(1);
    });

    it('lets the controllers make the pods of a Deployment', async () => {
      await kubectl(plane.kubeconfig, ['create', 'deployment', 'web', '--image=none', '--replicas=2']);
      const pods = await waitUntil(
        'two pods exist',
        async () => {
          const names = (await kubectl(plane.kubeconfig, ['get', 'pods', '-o', 'name'])).trim().split('\n');
          return names.length === 2 && names;
        },
        { timeoutMs: 60_000 },
      );
      expect(pods).toHaveLength(2);
    });
  },
);
