import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDaemon, stopDaemon } from '../cluster/process/daemon.ts';
import { freePorts } from '../cluster/process/free-port.ts';
import { waitUntil } from '../cluster/process/wait-until.ts';
import { askRedis, redisProgram } from './redis-program.ts';
import { startRedis, type RedisServer } from './redis-server.ts';

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

/** Starts all of them and resolves when the Sentinels know the replica, so that a fail-over can happen. */
export async function startSentinelTrio(): Promise<SentinelTrio> {
  const primary = await startRedis();
  const replica = await startRedis({ replicaof: `127.0.0.1 ${primary.port}` });
  const ports = await freePorts('127.0.0.1', SENTINELS);
  const folders = ports.map((port) => startSentinel(port, primary.port));
  const stop = async (): Promise<void> => {
    for (const folder of folders) {
      await stopDaemon(folder, 'sentinel');
      rmSync(folder, { recursive: true, force: true });
    }
    await Promise.all([replica.stop(), primary.stop()]);
  };
  const knowAll = async (): Promise<boolean> => {
    const answers = await Promise.all(ports.map((port) => askRedis(port, `SENTINEL MASTER ${NAME}`)));
    return answers.every(
      (answer) =>
        /num-slaves\r\n\$\d+\r\n1\r/.test(answer) && /num-other-sentinels\r\n\$\d+\r\n2\r/.test(answer),
    );
  };
  try {
    await waitUntil('the Sentinels know each other', knowAll, { timeoutMs: 30_000, intervalMs: 100 });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${NAME}`,
    primary,
    replica,
    stop,
  };
}

/** A Sentinel writes what it learns into its configuration, so it has a file of its own. Answers its folder. */
function startSentinel(port: number, primaryPort: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailers-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${folder}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds ${NAME} 1000`,
    `sentinel failover-timeout ${NAME} 5000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  startDaemon({ dir: folder, name: 'sentinel', argv: [redisProgram(), file, '--sentinel'] }, false);
  return folder;
}
