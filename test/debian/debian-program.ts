import { existsSync } from 'node:fs';
import { canInstallPackages, ensureDebianPackages } from './debian-packages.ts';

/** A server's program and the Debian packages that bring it. */
export interface DebianProgram {
  readonly path: string;
  readonly packages: readonly [string, ...string[]];
}

export const DOVECOT = { path: '/usr/sbin/dovecot', packages: ['dovecot-imapd'] } as const;
export const PROMTOOL = { path: '/usr/bin/promtool', packages: ['prometheus'] } as const;

/** Path of the program; its packages are installed when it is not there. Throws with what to do where that cannot be. */
export async function debianProgram({ path, packages }: DebianProgram): Promise<string> {
  if (existsSync(path)) return path;
  if (!canInstallPackages())
    throw new Error(`${path} is not there: install it (Debian: apt-get install ${packages.join(' ')})`);
  await ensureDebianPackages(packages, () => undefined);
  return path;
}

/** Installs the programs that tests use, so that none installs them within its time. Where that cannot be, each says so itself. */
export async function prepareDebianPrograms(report: (line: string) => void): Promise<void> {
  if (!canInstallPackages()) return;
  const missing = [DOVECOT, PROMTOOL].filter(({ path }) => !existsSync(path));
  await ensureDebianPackages(
    missing.flatMap(({ packages }) => packages),
    report,
  );
}
