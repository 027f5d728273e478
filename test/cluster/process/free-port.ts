import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the range that operating systems give to outgoing connections (32768 and up on Linux, 49152 elsewhere): while a server
 * is being restarted, a client that tries its port again and again could otherwise be given that very port for itself.
 */
const range = { first: 20_000, count: 12_000 } as const;
const mostTries = 200;

/** TCP ports of the address that were free a moment ago, all different. */
export async function freePorts(address: string, count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries === mostTries) throw new Error(`no ${count} free TCP ports could be found on ${address}`);
    const port = range.first + Math.floor(Math.random() * range.count);
    if (await isFree(address, port)) found.add(port);
  }
  return [...found];
}

async function isFree(address: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, address), 'listening');
    await once(server.close(), 'close');
    return true;
  } catch {
    return false;
  }
}
