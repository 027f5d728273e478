import { once } from 'node:events';
import { createServer } from 'node:net';
import { waitUntil } from '../cluster/process/wait-until.ts';

/** Resolves when so many connections to a port, on which nothing else listens, were tried; none is answered. */
export async function knocks(port: number, count: number): Promise<void> {
  let tried = 0;
  const door = createServer((socket) => {
    tried += 1;
    socket.destroy();
  }).listen(port, '127.0.0.1');
  await waitUntil(`${count} connections are tried`, () => tried >= count, { timeoutMs: 30_000 });
  door.close();
  await once(door, 'close');
}
