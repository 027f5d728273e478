import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../../controller/api/kinds.ts';
import { startControlPlane } from '../control-plane.ts';
import { ensureForeignCrds, prometheusCrds } from '../foreign-crds.ts';
import { checkout } from '../image.ts';
import { kubectl } from '../kubectl.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { waitUntil } from '../process/wait-until.ts';
import { manifestsOf } from './documents.ts';
import { renderChart } from './helm.ts';
import { writeJsonSchemas } from './json-schemas.ts';
import { complaints, kubeconform } from './kubeconform.ts';

const golden = join(import.meta.dirname, 'golden');
const cases = (await readdir(golden)).filter((file) => file.endsWith('.values.yaml'));
const reason = await reasonToSkip('control-plane');

/** The group versions of everything that is rendered here, and the kinds in each that the API server learns from CRDs. */
const apis: Record<string, readonly string[]> = {
  'api/v1': [],
  'apis/apps/v1': [],
  'apis/policy/v1': [],
  'apis/networking.k8s.io/v1': [],
  'apis/rbac.authorization.k8s.io/v1': [],
  'apis/apiextensions.k8s.io/v1': [],
  'apis/mailers.io/v1alpha1': Object.keys(KINDS),
  'apis/monitoring.coreos.com/v1': ['ServiceMonitor', 'PrometheusRule'],
};

/** Schemas of a real API server, since none can be had from elsewhere: its own kinds, ours, and those of the Prometheus operator. */
async function schemasOfApiServer(scratch: string): Promise<string> {
  const plane = await startControlPlane({ dir: join(scratch, 'plane') });
  try {
    const foreign = await ensureForeignCrds(prometheusCrds);
    const ofPrometheus = ['servicemonitors', 'prometheusrules'].map(
      (plural) => `--filename=${join(foreign, `monitoring.coreos.com_${plural}.yaml`)}`,
    );
    await kubectl(plane.kubeconfig, ['apply', '--server-side', '--kustomize', join(checkout, 'crds')]);
    await kubectl(plane.kubeconfig, ['apply', '--server-side', ...ofPrometheus]);
    await kubectl(plane.kubeconfig, ['wait', '--for=condition=Established', 'crd', '--all']);
    const schemas = join(scratch, 'schemas');
    // What an API server tells of CRDs follows their establishment by a moment.
    const read = async (api: string) =>
      await waitUntil(
        `the API server describes ${api}`,
        async () => {
          const text = await kubectl(plane.kubeconfig, ['get', '--raw', `/openapi/v3/${api}`]);
          return apis[api]?.every((kind) => text.includes(`"kind":"${kind}"`)) === true && text;
        },
        { timeoutMs: 30_000 },
      );
    await writeJsonSchemas(Object.keys(apis), schemas, read);
    return schemas;
  } finally {
    await plane.stop();
  }
}

describe.skipIf(reason !== undefined)(
  `kubeconform${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 120_000 },
  () => {
    let scratch: string;
    let schemas: string;

    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'chart-validation-'));
      schemas = await schemasOfApiServer(scratch);
    }, 3_600_000);

    afterAll(async () => await rm(scratch, { recursive: true }));

    const judged = async (manifests: string) => {
      const verdicts = await kubeconform(manifests, schemas);
      expect(verdicts).toHaveLength(manifestsOf(manifests).length);
      return complaints(verdicts);
    };

    it.each(cases)('finds nothing wrong in what the chart makes of %s', async (file) => {
      expect(await judged(await renderChart(['--values', join(golden, file)]))).toEqual([]);
    });

    it('finds nothing wrong in the CRDs of the chart', async () => {
      expect(await judged(await renderChart(['--show-only', 'templates/crds.yaml']))).toEqual([]);
    });

    it('finds nothing wrong in the quickstart', async () => {
      const folder = join(checkout, 'examples', 'quickstart');
      const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
      const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
      expect(await judged(texts.join('\n---\n'))).toEqual([]);
    });

    it('would say so: a misspelt field, a wrong type, an unknown kind', async () => {
      const service = (spec: string) =>
        `apiVersion: v1\nkind: Service\nmetadata: { name: s }\nspec: ${spec}\n`;
      expect(await judged(service('{ port: [] }'))).toEqual([expect.stringContaining('port')]);
      expect(await judged(service('{ ports: 8080 }'))).toEqual([expect.stringContaining('/spec/ports')]);
      expect(await judged('apiVersion: v1\nkind: Pot\nmetadata: { name: p }\n')).toEqual([
        expect.stringContaining('could not find schema for Pot'),
      ]);
    });
  },
);
