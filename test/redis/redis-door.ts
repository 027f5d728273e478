import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** An address behind which one Redis stands and then another: what a client finds that asks Sentinels for the primary. */
export interface RedisDoor {
  readonly url: string;
  /** Breaks all connections; new ones lead to this port, and to nobody while there is none. */
  leadTo(port?: number): void;
  close(): Promise<void>;
}

/** Opens a door on a free port. */
export async function openRedisDoor(port: number): Promise<RedisDoor> {
  let behind: number | undefined = port;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    if (behind === undefined) return void client.destroy();
    const redis = connect(behind, '127.0.0.1');
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      open.add(socket);
      socket.pipe(other);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const leadTo = (next?: number): void => {
    behind = next;
    for (const socket of open) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo,
    close: async () => {
      leadTo();
      server.close();
      await once(server, 'close');
    },
  };
}
