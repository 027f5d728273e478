import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram } from './build/go-toolchain.ts';
import { cacheDirectory } from './environment.ts';
import { runCommand } from './process/command.ts';

/** Custom resource definitions of another project, which are part of its public Go module. */
export type ForeignCrds = { module: string; version: string; folder: string };

/** ServiceMonitor, PrometheusRule. */
export const prometheusCrds: ForeignCrds = {
  module: 'github.com/prometheus-operator/prometheus-operator',
  version: 'v0.85.0',
  folder: 'example/prometheus-operator-crd',
};

/** Flux's Kustomization; the version of the kustomize-controller that `ensureBinaries` builds. */
export const fluxKustomizeCrds: ForeignCrds = {
  module: 'github.com/fluxcd/kustomize-controller',
  version: 'v1.9.6',
  folder: 'config/crd/bases',
};

/** Flux's sources: GitRepository, OCIRepository, ExternalArtifact … */
export const fluxSourceCrds: ForeignCrds = {
  module: 'github.com/fluxcd/source-controller',
  version: 'v1.9.0',
  folder: 'config/crd/bases',
};

export const sealedSecretCrds: ForeignCrds = {
  module: 'github.com/bitnami-labs/sealed-secrets',
  version: 'v0.32.2',
  folder: 'helm/sealed-secrets/crds',
};

/** Argo CD's Application. */
export const argoCrds: ForeignCrds = {
  module: 'github.com/argoproj/argo-cd/v3',
  version: 'v3.5.6',
  folder: 'manifests/crds',
};

/** The folder with the CRD files; the module is fetched once, into the cache. */
export async function ensureForeignCrds({ module, version, folder }: ForeignCrds): Promise<string> {
  const target = join(cacheDirectory(), 'crds', `${module.replaceAll('/', '_')}@${version}`);
  if (existsSync(target)) return target;
  mkdirSync(join(cacheDirectory(), 'crds'), { recursive: true });
  const scratch = mkdtempSync(join(cacheDirectory(), 'crds', '.fetch-'));
  try {
    const download = ['mod', 'download', '-json', `${module}@${version}`];
    const answer = await runCommand(await goProgram(), download, { cwd: scratch });
    const { Dir } = JSON.parse(answer) as { Dir: string };
    cpSync(join(Dir, folder), join(scratch, 'crds'), { recursive: true });
    // A module's files are read-only; another test process may have been quicker.
    await runCommand('chmod', ['-R', 'u+w', join(scratch, 'crds')]);
    if (!existsSync(target)) renameSync(join(scratch, 'crds'), target);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return target;
}
