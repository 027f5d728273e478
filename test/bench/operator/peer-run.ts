import { spawn } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram, goSource } from '../../cluster/build/go-toolchain.ts';
import type { ControlPlane } from '../../cluster/control-plane.ts';
import { cacheDirectory, childEnvironment } from '../../cluster/environment.ts';
import { runCommand } from '../../cluster/process/command.ts';
import type { Figures } from './figures.ts';
import { costOf, type ProcessCost } from './process-cost.ts';

const CONTROLLER_RUNTIME = 'sigs.k8s.io/controller-runtime@v0.23.3';
const WORKERS = 32;

/** The Go peer, built once into the cache; undefined where there is no Go. */
export async function buildPeer(source: string): Promise<string | undefined> {
  if ((await goSource()) === 'none') return undefined;
  const folder = join(cacheDirectory(), 'bench-peer');
  const program = join(folder, 'peer');
  if (existsSync(program)) return program;
  await mkdir(folder, { recursive: true });
  await cp(source, folder, { recursive: true });
  const go = await goProgram();
  const run = (...args: string[]) => runCommand(go, args, { cwd: folder, timeoutMs: 1_800_000 });
  if (!existsSync(join(folder, 'go.mod'))) await run('mod', 'init', 'peer');
  await run('get', CONTROLLER_RUNTIME);
  await run('mod', 'tidy');
  await run('build', '-o', program, '.');
  return program;
}

/** The peer writes one status per Mailbox and prints how long that took. */
export async function runPeer(program: string, plane: ControlPlane, mailboxes: number): Promise<Figures> {
  const child = spawn(program, [String(mailboxes), String(WORKERS)], {
    env: childEnvironment({
      KUBECONFIG: plane.kubeconfig,
      GROUP: 'mailers.io',
      VERSION: 'v1alpha1',
      KIND: 'Mailbox',
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let log = '';
  let cost: ProcessCost | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const look = async (pid: number): Promise<void> => {
    const now = await costOf(pid).catch(() => undefined);
    // A process that is ending shows no memory any more.
    if (now !== undefined && now.rssMegabytes > 0) cost = now;
  };
  const watching = setInterval(() => {
    if (child.pid === undefined) return;
    void look(child.pid);
  }, 50);
  await new Promise((resolve) => child.on('exit', resolve));
  clearInterval(watching);
  const [, seconds] = /reconciled in ([\d.]+)s/.exec(output) ?? [];
  if (seconds === undefined || cost === undefined)
    throw new Error(`the peer did not end well: ${output}\n${log}`);
  return {
    name: 'Go peer',
    objects: mailboxes,
    seconds: Number(seconds),
    cpuSeconds: cost.cpuSeconds,
    // One status each, and a handful of lists and watches.
    requests: mailboxes,
    requestsByVerb: `PATCH ${mailboxes}`,
    rssMegabytes: cost.rssMegabytes,
    mostRssMegabytes: cost.mostRssMegabytes,
  };
}
