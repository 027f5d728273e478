import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';

/** The program that is a Redis: redis-server or valkey-server, whichever is on PATH. */
export function redisProgram(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const program of ['redis-server', 'valkey-server']) {
    if (folders.some((folder) => existsSync(join(folder, program)))) return program;
  }
  throw new Error(
    'neither redis-server nor valkey-server is on PATH: install one (Debian: apt-get install redis-server)',
  );
}

/** First piece of the answer to an inline command; rejects when there is no connection or no answer within a second. */
export function askRedis(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${line}\r\n`));
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer within 1 s')));
    socket.once('data', (data) => {
      resolve(data.toString());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
