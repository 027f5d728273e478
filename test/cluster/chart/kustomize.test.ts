import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ensureBinaries } from '../binaries.ts';
import { startControlPlane, type ControlPlane } from '../control-plane.ts';
import { checkout } from '../image.ts';
import { kubectl } from '../kubectl.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { manifestOf, manifestsOf, type Manifest } from './documents.ts';
import { helm, renderChart } from './helm.ts';

const reason = await reasonToSkip('control-plane');
const kustomize = join(checkout, 'charts', 'kustomize');

/** The chart's Secret is left out: a rendered password would be everybody's. */
const asForKustomize = ['--set', 'crds.enabled=false,redis.auth.existingSecret=mailers-redis'];
const ofHelm = ['helm.sh/chart', 'app.kubernetes.io/managed-by'];

function withoutHelm(manifest: Manifest): Manifest {
  const labels = Object.entries(manifest.metadata.labels ?? {}).filter(([name]) => !ofHelm.includes(name));
  return { ...manifest, metadata: { ...manifest.metadata, labels: Object.fromEntries(labels) } };
}

async function renderedFor(component: string): Promise<string> {
  const parts = manifestsOf(await renderChart(asForKustomize)).map(withoutHelm);
  const isOfRedis = ({ metadata }: Manifest) => metadata.labels?.['app.kubernetes.io/component'] === 'redis';
  const chosen = parts.filter((manifest) => isOfRedis(manifest) === (component === 'redis'));
  const note =
    '# Rendered from charts/mailers with its default values; test/cluster/chart/kustomize.test.ts holds it to it.\n';
  return note + chosen.map((manifest) => stringify(manifest, { version: '1.1', lineWidth: 0 })).join('---\n');
}

/** The first YAML block of the README: the overlay that it tells people to write. */
async function overlayOfReadme(): Promise<string> {
  const readme = await readFile(join(kustomize, 'README.md'), 'utf8');
  return /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
}

describe.skipIf(reason !== undefined)(
  `kubectl apply -k${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 60_000 },
  () => {
    let scratch: string;
    let plane: ControlPlane;

    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'chart-kustomize-'));
      await Promise.all([helm(['version']), ensureBinaries(['kubectl'])]);
      plane = await startControlPlane({ dir: join(scratch, 'plane') });
    }, 3_600_000);

    afterAll(async () => {
      await plane.stop();
      await rm(scratch, { recursive: true });
    }, 60_000);

    it.each(['operator', 'redis'])('has of the %s what the chart makes of it', async (component) => {
      const file = join(kustomize, component, `${component}.yaml`);
      await expect(await renderedFor(component)).toMatchFileSnapshot(file);
    });

    it('gives the image to the operator and to its senders, as the README says', async () => {
      await mkdir(join(scratch, 'mailers', 'charts'), { recursive: true });
      await mkdir(join(scratch, 'overlay'));
      await cp(kustomize, join(scratch, 'mailers', 'charts', 'kustomize'), { recursive: true });
      await cp(join(checkout, 'crds'), join(scratch, 'mailers', 'crds'), { recursive: true });
      await writeFile(join(scratch, 'overlay', 'kustomization.yaml'), await overlayOfReadme());
      const built = manifestsOf(await kubectl(plane.kubeconfig, ['kustomize', join(scratch, 'overlay')]));
      const text = JSON.stringify(manifestOf(built, 'Deployment', 'mailers-operator'));
      expect(text).toContain('"image":"registry.example.com/mailers:0.1.0"');
      expect(text).toContain('{"name":"MAILERS_SENDER_IMAGE","value":"registry.example.com/mailers:0.1.0"}');
    });

    it('is taken by a real API server, and changes nothing when it is applied again', async () => {
      const apply = ['apply', '--server-side', '--field-manager=team', '--kustomize', kustomize];
      const kinds =
        'deployments,statefulsets,services,configmaps,networkpolicies,clusterroles,crds,poddisruptionbudgets';
      const fields = '{range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion}{"\\n"}{end}';
      const ours = ['get', kinds, '--all-namespaces', '--selector=app.kubernetes.io/part-of=mailers'];
      const versions = async () => await kubectl(plane.kubeconfig, [...ours, `--output=jsonpath=${fields}`]);
      await kubectl(plane.kubeconfig, apply);
      const before = await versions();
      expect(before).toContain('StatefulSet/mailers-redis=');
      await kubectl(plane.kubeconfig, apply);
      expect(await versions()).toEqual(before);
      expect(
        await kubectl(plane.kubeconfig, ['diff', '--server-side', '--field-manager=team', '-k', kustomize]),
      ).toBe('');
    });

    it('adds to the ConfigMap of Argo CD and leaves its other keys alone', async () => {
      const argo = join(checkout, 'examples', 'gitops', 'argocd');
      const run = async (...args: string[]) => await kubectl(plane.kubeconfig, args);
      await run('create', 'namespace', 'argocd');
      await run('create', 'configmap', 'argocd-cm', '--namespace=argocd', '--from-literal=url=https://argo');
      await run('apply', '--server-side', '--field-manager=mailers', '--kustomize', argo);
      const stored = await run('get', 'configmap', 'argocd-cm', '--namespace=argocd', '--output=json');
      const { data } = JSON.parse(stored) as { data: Record<string, string> };
      expect(data['url']).toBe('https://argo');
      expect(data['resource.customizations.health.mailers.io_Campaign']).toContain('Stalled');
    });
  },
);
