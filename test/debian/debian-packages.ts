import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from '../cluster/build/file-lock.ts';
import { runCommand } from '../cluster/process/command.ts';

/** What the native cluster and its image builds need of Debian. */
export const nativePackages = [
  'buildah',
  'conntrack',
  'containerd',
  'containernetworking-plugins',
  'debian-archive-keyring',
  'debootstrap',
  'iproute2',
  'iptables',
  'openssl',
  'runc',
] as const;

/** Test files that run beside each other may want different packages at once, of which apt-get lets one only at work. */
const LOCK = join(tmpdir(), 'mailers-debian-packages.lock');
/** Others may be at work on the machine, too: how long apt-get waits for them. */
const WAIT = ['-o', 'DPkg::Lock::Timeout=300'];
const POLICY = '/usr/sbin/policy-rc.d';

/** Whether this is a Debian, or like one, that we may install packages on. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/**
 * Installs the packages that are not installed yet. Needs root.
 * @throws with apt-get's words when one cannot be had.
 */
export async function ensureDebianPackages(
  names: readonly string[],
  report: (line: string) => void,
): Promise<void> {
  if ((await notInstalled(names)).length === 0) return;
  await withFileLock(LOCK, async () => {
    const missing = await notInstalled(names);
    if (missing.length === 0) return;
    report(`Installing the Debian packages ${missing.join(', ')}`);
    await withoutServices(() => install(missing));
  });
}

/** Tests, benches and clusters start servers of their own: a package must not start the system's. */
async function withoutServices(action: () => Promise<void>): Promise<void> {
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await action();
  } finally {
    if (isOurs) rmSync(POLICY);
  }
}

async function install(names: readonly string[]): Promise<void> {
  const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' } };
  const command = [...WAIT, 'install', '--yes', '--quiet', '--no-install-recommends', ...names];
  // Package lists may never have been fetched, or be too old: then once more with fresh ones.
  await runCommand('apt-get', command, quiet).catch(async () => {
    await runCommand('apt-get', [...WAIT, 'update', '--quiet'], quiet);
    await runCommand('apt-get', command, quiet);
  });
}

async function notInstalled(names: readonly string[]): Promise<string[]> {
  const format = '${Package} ${db:Status-Status}\n';
  const all = await runCommand('dpkg-query', ['--show', `--showformat=${format}`]);
  const installed = new Set(all.split('\n'));
  return names.filter((name) => !installed.has(`${name} installed`));
}
