import { join } from 'node:path';
import { KINDS } from '../../../controller/api/kinds.ts';
import { startControlPlane } from '../control-plane.ts';
import { untilCrdsEstablished } from '../established-crds.ts';
import {
  argoCrds,
  ensureForeignCrds,
  fluxKustomizeCrds,
  fluxSourceCrds,
  prometheusCrds,
  sealedSecretCrds,
  type ForeignCrds,
} from '../foreign-crds.ts';
import { checkout } from '../image.ts';
import { kubectl } from '../kubectl.ts';
import { waitUntil } from '../process/wait-until.ts';
import { writeJsonSchemas } from './json-schemas.ts';

/** The group versions of everything that our charts and examples hold, and the kinds in each that the API server learns from CRDs. */
const apis: Record<string, readonly string[]> = {
  'api/v1': [],
  'apis/apps/v1': [],
  'apis/autoscaling/v2': [],
  'apis/policy/v1': [],
  'apis/networking.k8s.io/v1': [],
  'apis/rbac.authorization.k8s.io/v1': [],
  'apis/apiextensions.k8s.io/v1': [],
  'apis/mailers.io/v1alpha1': Object.keys(KINDS),
  'apis/monitoring.coreos.com/v1': ['ServiceMonitor', 'PrometheusRule'],
  'apis/kustomize.toolkit.fluxcd.io/v1': ['Kustomization'],
  'apis/source.toolkit.fluxcd.io/v1': ['GitRepository'],
  'apis/bitnami.com/v1alpha1': ['SealedSecret'],
  'apis/argoproj.io/v1alpha1': ['Application'],
};

/** The files that say what these kinds are, in other projects' modules. */
const foreign: readonly (readonly [ForeignCrds, readonly string[]])[] = [
  [
    prometheusCrds,
    ['monitoring.coreos.com_servicemonitors.yaml', 'monitoring.coreos.com_prometheusrules.yaml'],
  ],
  [fluxKustomizeCrds, ['kustomize.toolkit.fluxcd.io_kustomizations.yaml']],
  [fluxSourceCrds, ['source.toolkit.fluxcd.io_gitrepositories.yaml']],
  [sealedSecretCrds, ['bitnami.com_sealedsecrets.yaml']],
  [argoCrds, ['application-crd.yaml']],
];

/**
 * Writes the schemas of a real API server, since none can be had from elsewhere: of its own kinds, ours, and those that our charts and
 * examples use.
 * @returns the folder, for `kubeconform`.
 */
export async function writeApiServerSchemas(scratch: string): Promise<string> {
  const folders = await Promise.all(
    foreign.map(async ([crds, files]) => ({ folder: await ensureForeignCrds(crds), files })),
  );
  const crdFiles = folders.flatMap(({ folder, files }) => files.map((file) => join(folder, file)));
  const plane = await startControlPlane({ dir: join(scratch, 'plane') });
  try {
    const run = async (...args: string[]) => await kubectl(plane.kubeconfig, args);
    await run('apply', '--server-side', '--kustomize', join(checkout, 'crds'));
    await run('apply', '--server-side', ...crdFiles.map((file) => `--filename=${file}`));
    await untilCrdsEstablished(plane.kubeconfig);
    const schemas = join(scratch, 'schemas');
    // What an API server tells of CRDs follows their establishment by a moment.
    const read = async (api: string) =>
      await waitUntil(
        `the API server describes ${api}`,
        async () => {
          const text = await run('get', '--raw', `/openapi/v3/${api}`);
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
