import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFileLock } from './build/file-lock.ts';
import { goModules, type BinaryName, type GoModule } from './build/go-modules.ts';
import { goProgram } from './build/go-toolchain.ts';
import { linkerFlags, wrapperGoMod, type UpstreamGoMod } from './build/wrapper-module.ts';
import { cacheDirectory } from './environment.ts';
import { runCommand } from './process/command.ts';

/** A whole API server, without nodes: needs no root. */
export const controlPlaneBinaries = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubectl',
] as const satisfies readonly BinaryName[];

/** What turns this machine into a node that runs pods: needs root. */
export const nodeBinaries = [
  'kubelet',
  'kube-proxy',
  'coredns',
  'pause',
] as const satisfies readonly BinaryName[];

/** Kubernetes in containers, where a Docker engine answers. */
export const kindBinaries = ['kind', 'kubectl'] as const satisfies readonly BinaryName[];

/** Nothing from nothing takes about 9 minutes on 2 cores for Kubernetes alone. */
const longestBuildMs = 3_600_000;

/** Where a program lies once it is built. */
export function binaryPath(name: BinaryName): string {
  const owner = moduleOf(name);
  return join(moduleFolder(owner), name);
}

/** True when no build is needed for these programs. */
export function areBuilt(names: readonly BinaryName[]): boolean {
  return names.every((name) => existsSync(binaryPath(name)));
}

/**
 * Builds the programs that are not in the cache yet, each module in one go, and returns where they are.
 * Processes that ask at the same time wait for one build.
 * @param report receives a line before each build, since a first one takes minutes.
 */
export async function ensureBinaries<Name extends BinaryName>(
  names: readonly Name[],
  report: (line: string) => void = reportToStderr,
): Promise<Record<Name, string>> {
  for (const target of goModules) {
    const wanted = names.filter((name) => name in target.packages);
    if (areBuilt(wanted)) continue;
    mkdirSync(moduleFolder(target), { recursive: true });
    await withFileLock(`${moduleFolder(target)}.lock`, async () => {
      const missing = wanted.filter((name) => !existsSync(binaryPath(name)));
      if (missing.length > 0) await build(target, missing, report);
    });
  }
  return Object.fromEntries(names.map((name) => [name, binaryPath(name)])) as Record<Name, string>;
}

async function build(
  target: GoModule,
  names: readonly BinaryName[],
  report: (line: string) => void,
): Promise<void> {
  report(`Building ${names.join(', ')} ${target.version}: once, into ${moduleFolder(target)}`);
  const go = await goProgram();
  const scratch = mkdtempSync(join(cacheDirectory(), 'binaries', '.build-'));
  try {
    cpSync(join(import.meta.dirname, 'build', 'programs'), scratch, { recursive: true });
    writeFileSync(join(scratch, 'go.mod'), wrapperGoMod(target, await upstreamGoMod(go, target, scratch)));
    for (const name of names) {
      const arguments_ = ['build', '-mod=mod', '-buildvcs=false', '-ldflags', linkerFlags(target.stamps)];
      await runCommand(
        'nice',
        [go, ...arguments_, '-o', join(scratch, 'bin', name), target.packages[name] ?? name],
        {
          cwd: scratch,
          env: { CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off', GOTOOLCHAIN: 'local' },
          timeoutMs: longestBuildMs,
        },
      );
      renameSync(join(scratch, 'bin', name), binaryPath(name));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function upstreamGoMod(go: string, target: GoModule, cwd: string): Promise<UpstreamGoMod> {
  const download = ['mod', 'download', '-json', `${target.module}@${target.version}`];
  const { GoMod } = JSON.parse(await runCommand(go, download, { cwd })) as { GoMod: string };
  return JSON.parse(await runCommand(go, ['mod', 'edit', '-json', GoMod], { cwd })) as UpstreamGoMod;
}

function moduleOf(name: BinaryName): GoModule {
  const owner = goModules.find(({ packages }) => name in packages);
  if (owner === undefined) throw new Error(`no Go module is listed for ${name}`);
  return owner;
}

/** One folder per module and version, so that a new version is built beside the old one. */
function moduleFolder({ module, version }: GoModule): string {
  return join(cacheDirectory(), 'binaries', `${module.replaceAll('/', '_')}@${version}`);
}

function reportToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
