import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { runCommand } from '../process/command.ts';

/** `status.artifact` of a Flux source. */
export type Artifact = {
  url: string;
  path: string;
  revision: string;
  digest: string;
  size: number;
  lastUpdateTime: string;
};

/** Hands out folders as tarballs on the loopback interface, as Flux's source-controller would. */
export class ArtifactServer {
  readonly #folder: string;
  readonly #server: Server;

  constructor(folder: string) {
    this.#folder = folder;
    this.#server = createServer((request, response) => {
      try {
        response.end(readFileSync(join(folder, basename(request.url ?? ''))));
      } catch {
        response.writeHead(404).end();
      }
    });
  }

  async listen(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  /** Packs the folder; the same content is the same revision. */
  async pack(source: string): Promise<Artifact> {
    const draft = join(this.#folder, 'draft.tar.gz');
    const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
    await runCommand('tar', [...same, '-cf', draft, '-C', source, '-I', 'gzip -n', '.']);
    const digest = createHash('sha256').update(readFileSync(draft)).digest('hex');
    const path = `${digest}.tar.gz`;
    await runCommand('mv', [draft, join(this.#folder, path)]);
    const { port } = this.#server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/${path}`,
      path,
      revision: `main@sha1:${digest.slice(0, 40)}`,
      digest: `sha256:${digest}`,
      size: statSync(join(this.#folder, path)).size,
      lastUpdateTime: '2026-11-24T09:00:00Z',
    };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }
}
