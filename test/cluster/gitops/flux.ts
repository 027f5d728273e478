import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { binaryPath, ensureBinaries } from '../binaries.ts';
import { untilCrdsEstablished } from '../established-crds.ts';
import { ensureForeignCrds, fluxKustomizeCrds, fluxSourceCrds } from '../foreign-crds.ts';
import { kubectl } from '../kubectl.ts';
import { startDaemon, stopDaemon } from '../process/daemon.ts';
import { freePorts } from '../process/free-port.ts';
import { ArtifactServer } from './artifact-server.ts';

const namespace = 'flux-system';
const controller = 'kustomize-controller';

/** What a Kustomization says of itself. */
export type KustomizationState = {
  /** Of the condition Ready: True, False or Unknown, or empty when there is none. */
  ready: string;
  /** What is being done, while something is. */
  doing: string;
};

/**
 * Flux's real kustomize-controller on an API server. Its source-controller cannot be built from public modules, so this plays its part:
 * folders become tarballs on loopback, and a GitRepository's status names them.
 */
export class Flux {
  readonly #kubeconfig: string;
  readonly #dir: string;
  readonly #artifacts: ArtifactServer;

  private constructor(kubeconfig: string, dir: string, artifacts: ArtifactServer) {
    this.#kubeconfig = kubeconfig;
    this.#dir = dir;
    this.#artifacts = artifacts;
  }

  /** @param dir folder for its state and log; whoever made it removes it. */
  static async start(kubeconfig: string, dir: string): Promise<Flux> {
    await ensureBinaries([controller]);
    const crds = await Promise.all([fluxKustomizeCrds, fluxSourceCrds].map(ensureForeignCrds));
    await kubectl(kubeconfig, ['apply', '--server-side', ...crds.map((folder) => `--filename=${folder}`)]);
    await untilCrdsEstablished(kubeconfig);
    const home = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await kubectl(kubeconfig, ['apply', '--server-side', '--filename=-'], { input: home });
    const folder = join(dir, 'artifacts');
    mkdirSync(folder, { recursive: true });
    const artifacts = new ArtifactServer(folder);
    await artifacts.listen();
    const [health = 0] = await freePorts('127.0.0.1', 1);
    const flags = [
      '--metrics-addr=0',
      `--health-addr=127.0.0.1:${health}`,
      '--requeue-dependency=1s',
      // A push need not wait for the health checks of the one before, which take at least 30 s to give up.
      '--feature-gates=CancelHealthCheckOnNewRevision=true',
    ];
    const environment = [`KUBECONFIG=${kubeconfig}`, `RUNTIME_NAMESPACE=${namespace}`];
    const argv = ['env', ...environment, binaryPath(controller), ...flags] as const;
    startDaemon({ dir, name: controller, argv }, false);
    return new Flux(kubeconfig, dir, artifacts);
  }

  /** A push: the source has the folder's content from now on. */
  async push(source: string, folder: string): Promise<void> {
    const artifact = await this.#artifacts.pack(folder);
    const generation = Number(
      await this.#run('get', 'gitrepository', source, '--output=jsonpath={.metadata.generation}'),
    );
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'Succeeded',
      message: `stored artifact for revision ${artifact.revision}`,
      lastTransitionTime: artifact.lastUpdateTime,
      observedGeneration: generation,
    };
    const status = { observedGeneration: generation, artifact, conditions: [ready] };
    const patch = JSON.stringify({ status });
    await this.#run(
      'patch',
      'gitrepository',
      source,
      '--subresource=status',
      '--type=merge',
      '--patch',
      patch,
    );
  }

  async state(kustomization: string): Promise<KustomizationState> {
    const object = await this.#run('get', 'kustomization', kustomization, '--output=json');
    const { status } = JSON.parse(object) as {
      status?: { conditions?: { type: string; status: string; message: string }[] };
    };
    const find = (wanted: string) => status?.conditions?.find(({ type }) => type === wanted);
    return { ready: find('Ready')?.status ?? '', doing: find('Reconciling')?.message ?? '' };
  }

  /** Asks for a reconcile now, as `flux reconcile` does, and returns when it has been carried out. */
  async reconcile(kustomization: string, token: string): Promise<void> {
    await this.#run(
      'annotate',
      '--overwrite',
      'kustomization',
      kustomization,
      `reconcile.fluxcd.io/requestedAt=${token}`,
    );
    await this.#run(
      'wait',
      'kustomization',
      kustomization,
      `--for=jsonpath={.status.lastHandledReconcileAt}=${token}`,
      '--timeout=60s',
    );
  }

  /** Ends it; what it has applied stays. */
  async stop(): Promise<void> {
    await stopDaemon(this.#dir, controller);
    await this.#artifacts.close();
  }

  /** For a cluster that goes on without it: ends it and takes its namespace and CRDs away. */
  async uninstall(): Promise<void> {
    await this.stop();
    const crds = await Promise.all([fluxKustomizeCrds, fluxSourceCrds].map(ensureForeignCrds));
    await kubectl(this.#kubeconfig, ['delete', 'namespace', namespace, '--wait=false']);
    await kubectl(this.#kubeconfig, [
      'delete',
      ...crds.map((folder) => `--filename=${folder}`),
      '--wait=false',
    ]);
  }

  async #run(...args: string[]): Promise<string> {
    return await kubectl(this.#kubeconfig, ['--namespace', namespace, ...args]);
  }
}
