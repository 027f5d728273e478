import type { GoModule } from './go-modules.ts';

/** What `go mod edit -json` prints about a module's own go.mod, as far as it matters here. */
export type UpstreamGoMod = {
  Require?: readonly { Path: string; Version: string }[] | null;
  Replace?: readonly { Old: GoModPath; New: GoModPath }[] | null;
};

type GoModPath = { Path: string; Version?: string };

/** The oldest Go that builds every pinned module. */
export const oldestGo = { major: 1, minor: 26 } as const;

/**
 * The go.mod of a throw-away module from which `go build` makes the programs of an upstream module.
 * Go ignores the `replace` lines of a dependency, so those that matter are said again: the ones that point to another
 * module as they are, and the ones that point into the upstream repository (Kubernetes' staging folders, required as
 * v0.0.0) as the version under which that folder is published: k8s.io/api v0.35.4 for Kubernetes v1.35.4.
 */
export function wrapperGoMod(target: GoModule, upstream: UpstreamGoMod): string {
  const published = target.version.replace(/^v\d+/, 'v0');
  const stagedPaths = (upstream.Require ?? []).filter(({ Version }) => Version === 'v0.0.0');
  const foreign = (upstream.Replace ?? []).filter(({ New }) => New.Version !== undefined);
  return [
    'module mailers.test/cluster',
    `go ${oldestGo.major}.${oldestGo.minor}.0`,
    `require ${target.module} ${target.version}`,
    ...stagedPaths.map(({ Path }) => `replace ${Path} => ${Path} ${published}`),
    ...foreign.map(({ Old, New }) => `replace ${Old.Path} => ${New.Path} ${New.Version}`),
    '',
  ].join('\n');
}

/** Linker flags: no symbol tables (a third of the size), and the stamps. */
export function linkerFlags(stamps: GoModule['stamps']): string {
  const set = Object.entries(stamps ?? {}).map(([variable, value]) => `-X ${variable}=${value}`);
  return ['-s -w', ...set].join(' ');
}
