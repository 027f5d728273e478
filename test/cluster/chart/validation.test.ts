import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkout } from '../image.ts';
import { kubectl } from '../kubectl.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { writeApiServerSchemas } from './api-server-schemas.ts';
import { manifestsOf } from './documents.ts';
import { renderChart } from './helm.ts';
import { complaints, kubeconform } from './kubeconform.ts';

const golden = join(import.meta.dirname, 'golden');
const cases = (await readdir(golden)).filter((file) => file.endsWith('.values.yaml'));
const kustomizations = [
  'charts/kustomize',
  'examples/kubernetes',
  'examples/gitops/newsletter',
  'examples/gitops/secrets',
  'examples/gitops/flux',
  'examples/gitops/argocd',
  'examples/gitops/argocd/applications',
];
const reason = await reasonToSkip('control-plane');

describe.skipIf(reason !== undefined)(
  `kubeconform${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 120_000 },
  () => {
    let scratch: string;
    let schemas: string;

    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'chart-validation-'));
      schemas = await writeApiServerSchemas(scratch);
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

    it.each(kustomizations)('finds nothing wrong in %s', async (folder) => {
      expect(await judged(await kubectl('/dev/null', ['kustomize', join(checkout, folder)]))).toEqual([]);
    });

    it('finds nothing wrong in the autoscaler', async () => {
      const file = join(checkout, 'examples', 'autoscaling', 'hpa.yaml');
      expect(await judged(await readFile(file, 'utf8'))).toEqual([]);
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
