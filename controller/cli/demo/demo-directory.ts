import { cp, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxConfig } from '../../api/sandbox-config.ts';

/** Where the demo runs: the example itself, or a copy with other ports when the example's are taken on this machine. */
export interface DemoPlace {
  readonly manifests: string;
  readonly config: SandboxConfig;
}

/** The example as it is when its ports are free, else a copy in which they are replaced. */
export async function demoPlace(example: string, config: SandboxConfig): Promise<DemoPlace> {
  const wanted = [config.ports.submissionStartTls, config.ports.relayStartTls];
  if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return { manifests: example, config };
  const [submissionStartTls, relayStartTls] = [await freePort(), await freePort()];
  const copy = await mkdtemp(join(tmpdir(), 'mailers-demo-'));
  await cp(example, copy, { recursive: true });
  for (const name of (await readdir(copy)).filter((file) => file.endsWith('.yaml'))) {
    const text = await readFile(join(copy, name), 'utf8');
    await writeFile(join(copy, name), replacePorts(text, config, { submissionStartTls, relayStartTls }));
  }
  return {
    manifests: copy,
    config: { ...config, ports: { ...config.ports, submissionStartTls, relayStartTls } },
  };
}

function replacePorts(
  text: string,
  config: SandboxConfig,
  ports: { submissionStartTls: number; relayStartTls: number },
): string {
  return text
    .replaceAll(`port: ${config.ports.submissionStartTls}`, `port: ${ports.submissionStartTls}`)
    .replaceAll(`port: ${config.ports.relayStartTls}`, `port: ${ports.relayStartTls}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
