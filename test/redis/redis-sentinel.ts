import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon, stopDaemon } from '../cluster/process/daemon.ts';
import { freePorts } from '../cluster/process/free-port.ts';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { Redis } from 'ioredis';
import type { TlsIdentity } from '../../controller/sandbox/certificate.ts';
import { redisProgram } from './redis-program.ts';
import { startRedis, type RedisServer, type RedisSettings } from './redis-server.ts';

const NAME = 'mailers';
const SENTINELS = 3;

/** A primary with a replica, watched by three Sentinels, on loopback. */
export interface SentinelTrio {
  /** For the ledger: `redis+sentinel://…/mailers`. */
  readonly url: string;
  readonly primary: RedisServer;
  readonly replica: RedisServer;
  stop(): Promise<void>;
}

/** Everybody speaks TLS, and wants a password: the servers one, the Sentinels another. */
export interface SentinelGuard {
  readonly identity: TlsIdentity;
  readonly redisPassword: string;
  readonly sentinelPassword: string;
}

/** Starts all of them and resolves when the Sentinels know the replica, so that a fail-over can happen. */
export async function startSentinelTrio(guard?: SentinelGuard): Promise<SentinelTrio> {
  const place = mkdtempSync(join(tmpdir(), 'mailers-trio-'));
  const tls = guard === undefined ? {} : tlsSettings(place, guard.identity);
  const [ofPrimary = 0, ofReplica = 0, ...ports] = await freePorts('127.0.0.1', 2 + 2 * SENTINELS);
  const own = (tlsPort: number): RedisSettings =>
    guard === undefined
      ? {}
      : { ...tls, 'tls-port': tlsPort, requirepass: guard.redisPassword, masterauth: guard.redisPassword };
  const primary = await startRedis(own(ofPrimary));
  const watchedPort = guard === undefined ? primary.port : ofPrimary;
  const replica = await startRedis({ ...own(ofReplica), replicaof: `127.0.0.1 ${watchedPort}` });
  const plain = ports.slice(0, SENTINELS);
  const secured = ports.slice(SENTINELS);
  const folders = plain.map((port, index) =>
    startSentinel(port, [
      ...Object.entries(tls).map(([name, value]) => `${name} ${value === true ? 'yes' : value}`),
      ...(guard === undefined ? [] : guarded(secured[index] ?? 0, guard)),
      `sentinel monitor ${NAME} 127.0.0.1 ${watchedPort} 2`,
      ...(guard === undefined ? [] : [`sentinel auth-pass ${NAME} ${guard.redisPassword}`]),
    ]),
  );
  const stop = async (): Promise<void> => {
    for (const folder of folders) {
      await stopDaemon(folder, 'sentinel');
      rmSync(folder, { recursive: true, force: true });
    }
    await Promise.all([replica.stop(), primary.stop()]);
    rmSync(place, { recursive: true, force: true });
  };
  const knowAll = async (): Promise<boolean> => {
    const known = await Promise.all(plain.map((port) => whatIsKnown(port, guard?.sentinelPassword)));
    return known.every(({ replicas, sentinels }) => replicas === '1' && sentinels === '2');
  };
  try {
    await waitUntil('the Sentinels know each other', knowAll, { timeoutMs: 30_000, intervalMs: 100 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: urlOf(guard === undefined ? plain : secured, guard), primary, replica, stop };
}

function urlOf(ports: readonly number[], guard: SentinelGuard | undefined): string {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  return guard === undefined
    ? `redis+sentinel://${hosts}/${NAME}`
    : `rediss+sentinel://:${guard.redisPassword}@${hosts}/${NAME}?sentinelPassword=${guard.sentinelPassword}`;
}

function guarded(tlsPort: number, { sentinelPassword }: SentinelGuard): string[] {
  return [
    `tls-port ${tlsPort}`,
    `requirepass ${sentinelPassword}`,
    `sentinel sentinel-pass ${sentinelPassword}`,
  ];
}

function tlsSettings(place: string, { key, certificate }: TlsIdentity): RedisSettings {
  const [keyFile, certificateFile] = [join(place, 'key.pem'), join(place, 'certificate.pem')];
  writeFileSync(keyFile, key);
  writeFileSync(certificateFile, certificate);
  return {
    'tls-cert-file': certificateFile,
    'tls-key-file': keyFile,
    'tls-ca-cert-file': certificateFile,
    'tls-auth-clients': 'no',
    'tls-replication': true,
  };
}

async function whatIsKnown(
  port: number,
  password: string | undefined,
): Promise<{ replicas: string; sentinels: string }> {
  const client = new Redis({
    port,
    lazyConnect: true,
    retryStrategy: null,
    ...(password !== undefined && { password }),
  });
  client.on('error', () => undefined);
  try {
    const facts = (await client.call('SENTINEL', 'MASTER', NAME)) as string[];
    const fact = (name: string): string => facts[facts.indexOf(name) + 1] ?? '';
    return { replicas: fact('num-slaves'), sentinels: fact('num-other-sentinels') };
  } catch {
    return { replicas: '', sentinels: '' };
  } finally {
    client.disconnect();
  }
}

/** A Sentinel writes what it learns into its configuration, so it has a file of its own. Answers its folder. */
function startSentinel(port: number, settings: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailers-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${folder}`,
    ...settings,
    `sentinel down-after-milliseconds ${NAME} 1000`,
    `sentinel failover-timeout ${NAME} 5000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  startDaemon({ dir: folder, name: 'sentinel', argv: [redisProgram(), file, '--sentinel'] }, false);
  return folder;
}
