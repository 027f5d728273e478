import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from '../cluster/build/file-lock.ts';
import { ensureDebianPackages } from '../cluster/native/debian-packages.ts';

const POLICY = '/usr/sbin/policy-rc.d';

/** A server's program and the Debian packages that bring it. */
export interface DebianProgram {
  readonly path: string;
  readonly packages: readonly [string, ...string[]];
}

/** Path of the program; its packages are installed when it is not there. Throws with what to do where that cannot be. */
export async function debianProgram(program: DebianProgram): Promise<string> {
  if (!existsSync(program.path)) {
    const lock = join(tmpdir(), `mailers-${program.packages[0]}.lock`);
    await withFileLock(lock, () => install(program));
  }
  return program.path;
}

async function install({ path, packages }: DebianProgram): Promise<void> {
  if (existsSync(path)) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`${path} is not there: install it (Debian: apt-get install ${packages.join(' ')})`);
  // Tests and benches start servers of their own: the package must not start the system's.
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await ensureDebianPackages(packages, () => undefined);
  } finally {
    if (isOurs) rmSync(POLICY);
  }
}
