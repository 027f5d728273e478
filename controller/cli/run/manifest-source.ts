import { dirname, resolve } from 'node:path';
import type { ResourceSet } from '../../api/resource.ts';
import { compile } from '../../domain/compile/compile.ts';
import type { Compilation } from '../../domain/compile/compilation.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import type { LoadedManifests } from '../manifests/assembly.ts';
import { createManifestLoader, type ManifestLoader } from '../manifests/load.ts';
import { formatManifestError } from '../manifests/manifest-error.ts';
import type { ManifestCredentials } from './manifest-credentials.ts';
import { problemLines } from './problem-lines.ts';

/** What a directory declares. */
export interface Declared {
  readonly compilation: Compilation;
  /** Audience files by campaign (`namespace/name`), relative ones from the folder of the campaign's manifest. */
  readonly audienceFiles: ReadonlyMap<string, string>;
}

export type CompiledManifests =
  | { readonly ok: true; readonly declared: Declared; readonly lines: readonly string[] }
  | { readonly ok: false; readonly lines: readonly string[] };

/** A directory of YAML, compiled. A directory with errors changes nothing: what was good before stays in force. */
export class ManifestSource {
  readonly #directory: string;
  readonly #policy: Policy;
  readonly #credentials: ManifestCredentials;
  readonly #windowMs: number | undefined;
  readonly #loader: ManifestLoader = createManifestLoader();
  #previous: ResourceSet | undefined;

  constructor(parts: {
    directory: string;
    policy: Policy;
    credentials: ManifestCredentials;
    windowMs: number | undefined;
  }) {
    this.#directory = parts.directory;
    this.#policy = parts.policy;
    this.#credentials = parts.credentials;
    this.#windowMs = parts.windowMs;
  }

  /** Reads, checks and compiles. `lines` are for people: errors when not ok, else problems that keep single objects from working. */
  async compile(): Promise<CompiledManifests> {
    const previous = this.#previous ? { previous: this.#previous } : {};
    const manifests = await this.#loader.load(this.#directory, previous);
    if (manifests.errors.length > 0) return { ok: false, lines: manifests.errors.map(formatManifestError) };
    if (manifests.documents === 0)
      return { ok: false, lines: [`${this.#directory}: no YAML documents found`] };
    this.#previous = manifests.resources;
    this.#credentials.replace(manifests.secrets);
    const compilation = compile(
      manifests.resources,
      this.#policy,
      this.#windowMs === undefined ? {} : { windowMs: this.#windowMs },
    );
    const notices = manifests.notices.map((notice) => `${formatManifestError(notice)} (ignored)`);
    const declared = { compilation, audienceFiles: audienceFiles(compilation, manifests) };
    return { ok: true, declared, lines: [...notices, ...problemLines(compilation.problems, manifests)] };
  }
}

function audienceFiles(compilation: Compilation, manifests: LoadedManifests): Map<string, string> {
  const files = new Map<string, string>();
  for (const { key, location } of compilation.audiences) {
    if (location.kind !== 'File') continue;
    const manifest = manifests.origins.get(`Campaign/${key.namespace}/${key.campaign}`)?.file ?? '';
    files.set(`${key.namespace}/${key.campaign}`, resolve(dirname(manifest), location.path));
  }
  return files;
}
