import { existsSync } from 'node:fs';
import { addresses, hostLink } from './addresses.ts';
import { childrenOf, startTicks } from '../process/process-identity.ts';
import { runCommand } from '../process/command.ts';
import { daemonPid, startDaemon, stopDaemon, type Daemon } from '../process/daemon.ts';
import { waitUntil } from '../process/wait-until.ts';

/** The node's first process; with it the kernel ends every other process, mount, link and firewall rule of the node. */
const holder = 'node';

/**
 * What the kubelet wants of the machine's kernel. It would set these for the whole machine; inside the namespace it finds files
 * that say they are set.
 */
const kernelSettings = {
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/keys/root_maxbytes': 25_000_000,
} as const;

/** Programs that leave files in fixed places (/run/netns, /var/log/containers, /var/lib/cni) find empty ones of their own. */
const privateFolders = ['/run', '/var/log', '/var/lib'] as const;

/** As process 1 the shell also collects the container shims that end. */
const firstProcess = [
  'set -e',
  ...privateFolders.map((folder) => `mount -t tmpfs tmpfs ${folder}`),
  ...Object.entries(kernelSettings).map(([setting, value]) => {
    const stand = `/run/${setting.replaceAll('/', '.')}`;
    return `if [ -e /proc/sys/${setting} ]; then echo ${value} > ${stand}; mount --bind ${stand} /proc/sys/${setting}; fi`;
  }),
  'echo 1 > /proc/sys/net/ipv4/ip_forward',
  'touch /run/node-is-prepared',
  'while :; do sleep 86400 & wait $!; done',
].join('\n');

/** Makes the node's namespaces (processes, mounts, network) and lays the cable between it and this machine. */
export async function openNode(dir: string): Promise<void> {
  const separate = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
  startDaemon({ dir, name: holder, argv: ['unshare', ...separate, 'bash', '-c', firstProcess] }, true);
  await waitUntil(
    `the node's namespaces are prepared (log in ${dir}/log/${holder}.log)`,
    async () => {
      await runInNode(dir, 'test', ['-e', '/run/node-is-prepared']);
      return true;
    },
    { timeoutMs: 10_000, intervalMs: 20 },
  );
  await connect(dir);
}

/** Ends the node with everything in it. Does nothing when it is not there. */
export async function closeNode(dir: string): Promise<void> {
  // The kernel would take the link away too, but only some time after the node.
  if (existsSync(`/sys/class/net/${hostLink}`)) await runCommand('ip', ['link', 'delete', hostLink]);
  if (!isNodeOpen(dir)) return;
  const inside = firstPid(dir);
  await stopDaemon(dir, holder, 'SIGKILL');
  // The first process is the last to go: when it has, no other is left to write into the cluster's folder.
  const hasEnded = () => startTicks(inside) === undefined;
  await waitUntil('every process of the node has ended', hasEnded, { timeoutMs: 30_000, intervalMs: 20 });
}

/** True while the node's namespaces exist. */
export function isNodeOpen(dir: string): boolean {
  return daemonPid(dir, holder) !== undefined;
}

/** Runs a program inside the node to its end and returns its output. */
async function runInNode(dir: string, program: string, args: readonly string[]): Promise<string> {
  const [enter, ...rest] = entering(dir, [program, ...args]);
  return await runCommand(enter, rest);
}

/** Starts a daemon inside the node; it goes on when this process ends. */
export function startInNode(daemon: Daemon): void {
  startDaemon({ ...daemon, argv: entering(daemon.dir, daemon.argv) }, true);
}

/** Sends a signal to a daemon inside the node and waits until it has ended. */
export async function endInNode(dir: string, name: string, signal: NodeJS.Signals): Promise<void> {
  const outside = daemonPid(dir, name);
  if (outside === undefined) return;
  for (const inside of childrenOf(outside)) process.kill(inside, signal);
  await waitUntil(`${name} ends`, () => daemonPid(dir, name) === undefined, {
    timeoutMs: 90_000,
    intervalMs: 20,
  });
}

function entering(dir: string, argv: Daemon['argv']): Daemon['argv'] {
  return ['nsenter', `--target=${firstPid(dir)}`, '--mount', '--net', '--pid', '--', ...argv];
}

function firstPid(dir: string): number {
  const outside = daemonPid(dir, holder);
  const inside = outside === undefined ? undefined : childrenOf(outside)[0];
  if (inside === undefined) throw new Error('the native cluster is not up: its node does not run');
  return inside;
}

async function connect(dir: string): Promise<void> {
  const ip = async (...args: string[]) => await runCommand('ip', args);
  const inside = async (...args: string[]) => await runInNode(dir, 'ip', args);
  await ip('link', 'add', hostLink, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(firstPid(dir)));
  await inside('link', 'set', 'lo', 'up');
  await inside('address', 'add', `${addresses.node}/32`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  await inside('route', 'add', addresses.host, 'dev', 'eth0', 'src', addresses.node);
  await ip('address', 'add', `${addresses.host}/32`, 'dev', hostLink);
  await ip('link', 'set', hostLink, 'up');
  await ip('route', 'add', addresses.node, 'dev', hostLink, 'src', addresses.host);
  for (const range of [addresses.pods, addresses.services]) {
    await ip('route', 'add', range, 'via', addresses.node, 'dev', hostLink, 'src', addresses.host);
  }
}
