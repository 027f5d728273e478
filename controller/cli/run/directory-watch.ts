import { watchManifests, type ManifestWatch } from '../manifests/watch.ts';
import type { Declared } from './manifest-source.ts';

/** Watches a directory and the audience files that its manifests name, wherever they are. */
export class DirectoryWatch {
  readonly #directory: string;
  readonly #onChange: () => void;
  #watch: ManifestWatch | undefined;
  #files = '';
  #isClosed = false;

  constructor(directory: string, onChange: () => void) {
    this.#directory = directory;
    this.#onChange = onChange;
  }

  /** Watches what is declared now; nothing happens when it is what was watched before. */
  async follow({ audienceFiles }: Declared): Promise<void> {
    const paths = [this.#directory, ...audienceFiles.values()];
    if (this.#watch && this.#files === paths.join('\n')) return;
    const watch = await watchManifests(paths, this.#onChange);
    this.#watch?.close();
    this.#watch = watch;
    this.#files = paths.join('\n');
    if (this.#isClosed) watch.close();
  }

  close(): void {
    this.#isClosed = true;
    this.#watch?.close();
  }
}
