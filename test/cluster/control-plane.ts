import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlPlaneBinaries, ensureBinaries } from './binaries.ts';
import {
  apiServer,
  auditLogPath,
  auditPolicy,
  controllerManager,
  etcd,
  planeIdentities,
  scheduler,
  serverUrl,
  type Plane,
} from './plane/components.ts';
import { kubeconfigPath, writeKubeconfig } from './plane/kubeconfig.ts';
import { createPki } from './plane/pki.ts';
import { untilApiServerReady, untilControllersReady } from './plane/readiness.ts';
import { startDaemon, stopDaemon } from './process/daemon.ts';
import { freePorts } from './process/free-port.ts';

export type ControlPlaneOptions = {
  /** Empty or absent folder for state and logs; whoever made it removes it. */
  dir: string;
  /** Default 127.0.0.1. */
  bindAddress?: string;
  /** Records every request in `auditLog`. */
  audit?: true;
  /** Also runs the controller manager and the scheduler: Deployments, garbage collection, default service accounts. */
  controllers?: true;
};

/** A real API server with its etcd, without nodes. */
export type ControlPlane = {
  /** https://ADDRESS:PORT */
  url: string;
  /** Path of the administrator's kubeconfig. */
  kubeconfig: string;
  /** One JSON line per request (audit.k8s.io/v1 Event, metadata only); written only with `audit`. */
  auditLog: string;
  /** Ends it with SIGTERM and waits until a new one answers on the same port. */
  restartApiServer: () => Promise<void>;
  /** Ends it with SIGKILL and waits until a new one answers on the same port. */
  killApiServer: () => Promise<void>;
  /** Ends everything; the folder stays. */
  stop: () => Promise<void>;
};

/**
 * Starts an API server on free ports and waits until it is ready. No root is needed.
 * Everything ends with this process even if `stop` is never called.
 * @throws when a binary cannot be had, or with the end of the log when the API server does not come up.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  await ensureBinaries(controlPlaneBinaries);
  const plane = await planFor(options);
  const server = apiServer(plane);
  await prepare(plane);
  startDaemon(etcd(plane), false);
  startDaemon(server, false);
  const controllers = options.controllers === true ? [controllerManager(plane), scheduler(plane)] : [];
  const stop = async () => {
    await Promise.all(controllers.map(({ name }) => stopDaemon(plane.dir, name)));
    // Killed: nobody reads its state again, and an orderly end takes more than a second, without its etcd more than a minute.
    await stopDaemon(plane.dir, server.name, 'SIGKILL');
    await stopDaemon(plane.dir, 'etcd', 'SIGKILL');
  };
  const replaceApiServer = async (signal: NodeJS.Signals) => {
    await stopDaemon(plane.dir, server.name, signal);
    startDaemon(server, false);
    await untilApiServerReady(plane);
  };
  try {
    await untilApiServerReady(plane);
    for (const controller of controllers) startDaemon(controller, false);
    if (plane.hasControllers) await untilControllersReady(plane);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: serverUrl(plane),
    kubeconfig: kubeconfigPath(plane.dir, 'admin'),
    auditLog: auditLogPath(plane.dir),
    restartApiServer: () => replaceApiServer('SIGTERM'),
    killApiServer: () => replaceApiServer('SIGKILL'),
    stop,
  };
}

async function planFor(options: ControlPlaneOptions): Promise<Plane> {
  const bindAddress = options.bindAddress ?? '127.0.0.1';
  const [apiPort = 0] = await freePorts(bindAddress, 1);
  const [etcdPort = 0, etcdPeerPort = 0] = await freePorts('127.0.0.1', 2);
  return {
    dir: options.dir,
    bindAddress,
    apiPort,
    etcdPort,
    etcdPeerPort,
    serviceRange: '198.18.0.0/24',
    apiServiceAddress: '198.18.0.1',
    hasAudit: options.audit === true,
    hasControllers: options.controllers === true,
  };
}

async function prepare(plane: Plane): Promise<void> {
  mkdirSync(plane.dir, { recursive: true });
  rmSync(join(plane.dir, 'etcd'), { recursive: true, force: true });
  writeFileSync(join(plane.dir, 'audit-policy.json'), JSON.stringify(auditPolicy));
  await createPki(plane.dir, planeIdentities(plane));
  for (const identity of ['admin', 'controller-manager', 'scheduler']) {
    writeKubeconfig(plane.dir, serverUrl(plane), identity);
  }
}
