import { runCommand } from '../process/command.ts';

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

/**
 * Installs the packages that are not installed yet. Needs root.
 * @throws with apt-get's words when one cannot be had.
 */
export async function ensureDebianPackages(
  names: readonly string[],
  report: (line: string) => void,
): Promise<void> {
  const missing = await notInstalled(names);
  if (missing.length === 0) return;
  report(`Installing the Debian packages ${missing.join(', ')}`);
  const quiet = { env: { DEBIAN_FRONTEND: 'noninteractive' } };
  const install = ['install', '--yes', '--quiet', '--no-install-recommends', ...missing];
  // Package lists may never have been fetched, or be too old: then once more with fresh ones.
  await runCommand('apt-get', install, quiet).catch(async () => {
    await runCommand('apt-get', ['update', '--quiet'], quiet);
    await runCommand('apt-get', install, quiet);
  });
}

async function notInstalled(names: readonly string[]): Promise<string[]> {
  const format = '${Package} ${db:Status-Status}\n';
  const all = await runCommand('dpkg-query', ['--show', `--showformat=${format}`]);
  const installed = new Set(all.split('\n'));
  return names.filter((name) => !installed.has(`${name} installed`));
}
