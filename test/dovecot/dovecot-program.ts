import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from '../cluster/build/file-lock.ts';
import { ensureDebianPackages } from '../cluster/native/debian-packages.ts';

const PROGRAM = '/usr/sbin/dovecot';
const POLICY = '/usr/sbin/policy-rc.d';

/** Path of Dovecot; Debian's package is installed when it is not there. Throws with what to do where that cannot be. */
export async function dovecotProgram(): Promise<string> {
  if (!existsSync(PROGRAM)) await withFileLock(join(tmpdir(), 'mailers-dovecot.lock'), install);
  return PROGRAM;
}

async function install(): Promise<void> {
  if (existsSync(PROGRAM)) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    throw new Error(`${PROGRAM} is not there: install it (Debian: apt-get install dovecot-imapd)`);
  // Tests start servers of their own: the package must not start the system's.
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await ensureDebianPackages(['dovecot-imapd'], () => undefined);
  } finally {
    if (isOurs) rmSync(POLICY);
  }
}
