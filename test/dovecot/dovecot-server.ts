import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { ImapFlow } from 'imapflow';
import { createTlsIdentity, type TlsIdentity } from '../../controller/sandbox/certificate.ts';
import { daemonPid, logTail, startDaemon, stopDaemon } from '../cluster/process/daemon.ts';
import { freePorts } from '../cluster/process/free-port.ts';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { debianProgram, DOVECOT } from '../debian/debian-program.ts';
import { dovecotConfiguration } from './dovecot-configuration.ts';

const NAME = 'dovecot';
/** Mail of virtual users belongs to nobody when root runs the tests: Dovecot gives no mail to root. */
const NOBODY = 65_534;

export interface DovecotOptions {
  /** Of every user: each name is a user, whose folders appear with the first login. */
  readonly password: string;
  /** Key and certificate of `localhost`, e.g. of a sandbox that plays the same provider. Default: made anew. */
  readonly identity?: TlsIdentity;
  /** Name of the folder for sent mail, and whether the server says that it is one. */
  readonly sent?: { readonly folder: string; readonly isSpecialUse: boolean };
}

/** A real Dovecot of its own on a free loopback port, IMAP with TLS. It ends with this process. */
export interface DovecotServer {
  readonly port: number;
  /** The certificate is its own authority; the host is `localhost`. */
  readonly identity: TlsIdentity;
  readonly sentFolder: string;
  /** Puts messages into a folder, as a service does that files what it sent. */
  append(user: string, folder: string, ...messages: readonly (Buffer | string)[]): Promise<void>;
  /** How often the user has logged in so far. */
  logins(user: string): number;
  stop(): Promise<void>;
}

/** Starts Dovecot and resolves when it greets. */
export async function startDovecot(options: DovecotOptions): Promise<DovecotServer> {
  const argv = [await debianProgram(DOVECOT), '-F', '-c'] as const;
  const dir = mkdtempSync(join(tmpdir(), 'mailers-dovecot-'));
  const identity = options.identity ?? (await createTlsIdentity(['localhost', '127.0.0.1'], Date.now()));
  const [port = 0] = await freePorts('127.0.0.1', 1);
  const sent = options.sent ?? { folder: 'Sent', isSpecialUse: true };
  prepare(dir, identity);
  const owner = isRoot() ? { uid: NOBODY, gid: NOBODY } : { uid: userInfo().uid, gid: userInfo().gid };
  const user = isRoot() ? undefined : userInfo().username;
  const file = join(dir, 'dovecot.conf');
  writeFileSync(file, dovecotConfiguration({ ...options, dir, port, sent, owner, user }));
  startDaemon({ dir, name: NAME, argv: [...argv, file] }, false);
  const stop = async (): Promise<void> => {
    await stopDaemon(dir, NAME);
    rmSync(dir, { recursive: true, force: true });
  };
  const greets = async () => {
    if (daemonPid(dir, NAME) === undefined) throw new Error(`Dovecot ended: ${logTail(dir, NAME)}`);
    return isGreeting(port, identity.certificate);
  };
  await waitUntil(`Dovecot on port ${port} greets`, greets, { timeoutMs: 20_000, intervalMs: 20 }).catch(
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
  const client = (name: string) =>
    new ImapFlow({
      host: 'localhost',
      port,
      secure: true,
      auth: { user: name, pass: options.password },
      tls: { ca: identity.certificate },
      logger: false,
    });
  return {
    port,
    identity,
    sentFolder: sent.folder,
    append: (name, folder, ...messages) => appendAll(client(name), folder, messages),
    logins: (name) => logTail(dir, NAME, 1_000_000).split(`Login: user=<${name}>`).length - 1,
    stop,
  };
}

function prepare(dir: string, identity: TlsIdentity): void {
  // Dovecot's processes run as several users: all must be able to go through.
  chmodSync(dir, 0o755);
  mkdirSync(join(dir, 'mail'));
  if (isRoot()) chownSync(join(dir, 'mail'), NOBODY, NOBODY);
  writeFileSync(join(dir, 'certificate.pem'), identity.certificate);
  writeFileSync(join(dir, 'key.pem'), identity.key, { mode: 0o600 });
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

async function appendAll(
  client: ImapFlow,
  folder: string,
  messages: readonly (Buffer | string)[],
): Promise<void> {
  await client.connect();
  for (const message of messages) await client.append(folder, message);
  await client.logout();
}

function isGreeting(port: number, ca: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host: 'localhost', port, ca });
    socket.setTimeout(2_000, () => socket.destroy(new Error('no greeting within 2 s')));
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('* OK'));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
