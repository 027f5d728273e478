import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { clientFor, endClient } from '../../../controller/ledger/connection.ts';
import { openRedisLedger } from '../../../controller/ledger/redis-ledger.ts';
import { leavePrimary } from '../../../controller/ledger/sentinel-watch.ts';
import { createTlsIdentity } from '../../../controller/sandbox/certificate.ts';
import { aReserveRequest } from '../../builders/quota.ts';
import { freePorts } from '../../cluster/process/free-port.ts';
import { waitUntil } from '../../cluster/process/wait-until.ts';
import { startRedisCluster } from '../../redis/redis-cluster.ts';
import { askRedis } from '../../redis/redis-program.ts';
import { startSentinelTrio } from '../../redis/redis-sentinel.ts';
import { startRedis } from '../../redis/redis-server.ts';
import { logInWithLeastRights } from './access.ts';

const AT_ONCE = { timeoutMs: 10_000, intervalMs: 2 };

describe('the ledger connects', () => {
  it('by TLS, and not to a certificate that it does not trust', async () => {
    const [tlsPort = 0] = await freePorts('127.0.0.1', 1);
    const plain = await startRedis();
    const identity = await createTlsIdentity(['127.0.0.1'], Date.now());
    writeFileSync(join(plain.dir, 'key.pem'), identity.key);
    writeFileSync(join(plain.dir, 'certificate.pem'), identity.certificate);
    const admin = new Redis(plain.url);
    const files = [
      'tls-cert-file',
      'certificate.pem',
      'tls-key-file',
      'key.pem',
      'tls-auth-clients',
      'no',
    ] as const;
    await admin.config('SET', ...files, 'tls-port', String(tlsPort));
    admin.disconnect();
    const url = `rediss://127.0.0.1:${tlsPort}`;
    await expect(openRedisLedger({ url, prefix: 't:' })).rejects.toThrow(/certificate/);
    const ledger = await openRedisLedger({ url, prefix: 't:', certificateAuthority: identity.certificate });
    expect(await ledger.quota.reserve(aReserveRequest())).toMatchObject({ granted: true });
    await ledger.close();
    await plain.stop();
  });

  it('by its password, and says when Redis does not take it any more', async () => {
    const redis = await startRedis({ requirepass: 'one' });
    const logins: (string | undefined)[] = [];
    const ledger = await openRedisLedger({
      url: redis.url.replace('//', '//:one@'),
      prefix: 't:',
      onLogin: (refusal) => logins.push(refusal?.message.split(' ')[0]),
    });
    const admin = new Redis(redis.url, { password: 'one' });
    const change = async (password: string) => {
      logins.length = 0;
      await admin.config('SET', 'requirepass', password);
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    };
    await change('other');
    const patience = { timeoutMs: 10_000 };
    await waitUntil('the login is refused', () => logins.includes('WRONGPASS'), patience);
    expect(logins).not.toContain(undefined);
    await change('one');
    await waitUntil('the login is taken', () => logins.includes(undefined), patience);
    await waitUntil('it answers', () => ledger.now().catch(() => undefined), patience);
    admin.disconnect();
    await ledger.close();
    await redis.stop();
  });

  it('to a cluster by its password, and says so when no node takes it any more', async () => {
    const cluster = await startRedisCluster(3);
    const said: string[] = [];
    let refusals = 0;
    const onLogin = (refusal?: Error) => void (refusals += refusal === undefined ? 0 : 1);
    const opening = { url: cluster.url, prefix: 't:', onLogin, onTrouble: (text: string) => said.push(text) };
    const ledger = await openRedisLedger(opening);
    const admins = cluster.nodes.map(({ url }) => new Redis(url));
    for (const admin of admins) {
      await admin.config('SET', 'requirepass', 'other');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    }
    await waitUntil('the login is refused', () => refusals > 0, { timeoutMs: 20_000 });
    expect(said.join()).toMatch(/Redis wants a password/);
    await expect(openRedisLedger(opening)).rejects.toThrow(/Redis wants a password/);
    for (const admin of admins) admin.disconnect();
    await ledger.close();
    await cluster.stop();
  });

  it('to the primary that the Sentinels name, and goes on with the next one after a fail-over', async () => {
    const trio = await startSentinelTrio();
    const ledger = await openRedisLedger({ url: trio.url, prefix: 't:' });
    await ledger.quota.reserve(aReserveRequest());
    const replicated = new Redis(trio.replica.url);
    await waitUntil('the replica has it', async () => (await replicated.dbsize()) >= 2, {
      timeoutMs: 10_000,
    });
    await trio.primary.kill9();
    const reserved = await waitUntil('the ledger answers', () => ledger.quota.reserve(aReserveRequest()), {
      timeoutMs: 40_000,
      intervalMs: 200,
    });
    expect(reserved).toMatchObject({ granted: true, used: 2 });
    replicated.disconnect();
    await ledger.close();
    await trio.stop();
  });

  it('to the next primary while the old one stands still, and stays with it when the old one is back', async () => {
    const trio = await startSentinelTrio();
    const ledger = await openRedisLedger({ url: trio.url, prefix: 't:', commandTimeoutMs: 500 });
    await ledger.quota.reserve(aReserveRequest());
    const replicated = new Redis(trio.replica.url);
    await waitUntil('the replica has it', async () => (await replicated.dbsize()) >= 2, {
      timeoutMs: 10_000,
    });
    trio.primary.pause();
    const goesOn = () => ledger.quota.reserve(aReserveRequest());
    const reserved = await waitUntil('the ledger answers', goesOn, { timeoutMs: 40_000, intervalMs: 200 });
    expect(reserved).toMatchObject({ granted: true, used: 2 });
    trio.primary.resume();
    await waitUntil('the old one answers', () => askRedis(trio.primary.port, 'PING'), {
      timeoutMs: 10_000,
    });
    expect(await goesOn()).toMatchObject({ granted: true, used: 3 });
    expect(await replicated.role()).toContain('master');
    replicated.disconnect();
    await ledger.close();
    await trio.stop();
  });

  it('by TLS and passwords to Sentinels and what they watch, and hears of a fail-over from them', async () => {
    const identity = await createTlsIdentity(['127.0.0.1'], Date.now());
    const trio = await startSentinelTrio({ identity, redisPassword: 'ledger', sentinelPassword: 'watch' });
    const open = (url: string) =>
      openRedisLedger({ url, prefix: 't:', certificateAuthority: identity.certificate });
    await expect(open(trio.url.replace('Password=watch', 'Password=wrong'))).rejects.toThrow(
      /Sentinel|sentinel/,
    );
    const ledger = await open(trio.url);
    expect(await ledger.quota.reserve(aReserveRequest())).toMatchObject({ granted: true });
    const replicated = new Redis(trio.replica.url, { password: 'ledger' });
    await waitUntil('the replica has it', async () => (await replicated.dbsize()) >= 2, {
      timeoutMs: 10_000,
    });
    trio.primary.pause();
    const goesOn = () => ledger.quota.reserve(aReserveRequest());
    const reserved = await waitUntil('the ledger answers', goesOn, { timeoutMs: 40_000, intervalMs: 200 });
    expect(reserved).toMatchObject({ granted: true, used: 2 });
    replicated.disconnect();
    await ledger.close();
    await trio.stop();
  });

  it('also when a fail-over is told while it connects', async () => {
    const trio = await startSentinelTrio();
    const client = clientFor(trio.url, { random: Math.random });
    if (client instanceof Cluster) throw new Error('this is no cluster');
    client.on('error', () => undefined);
    const connecting = client.connect();
    expect(client.status).toBe('connecting');
    leavePrimary(client);
    await connecting;
    await waitUntil('it has connected anew', () => client.status !== 'ready', AT_ONCE);
    await waitUntil('it is connected', () => client.status === 'ready', AT_ONCE);
    expect(await client.ping()).toBe('PONG');
    await client.quit();
    await trio.stop();
  });

  it('and leaves a primary that stands still as soon as another is told, whatever it waits for', async () => {
    const trio = await startSentinelTrio();
    const clients = [0, 1].map(() => clientFor(trio.url, { random: Math.random, commandTimeoutMs: 20_000 }));
    for (const client of clients) client.on('error', () => undefined);
    await Promise.all(clients.map((client) => client.connect()));
    const [idle, asking] = clients;
    trio.primary.pause();
    asking?.disconnect(true);
    await waitUntil('one asks the paused primary', () => asking?.status === 'connect', AT_ONCE);
    const [port] = /(?<=:)\d+/.exec(trio.url) ?? [];
    const isTold = async () =>
      (await askRedis(Number(port), 'SENTINEL GET-MASTER-ADDR-BY-NAME mailers')).includes(
        String(trio.replica.port),
      );
    await waitUntil('the Sentinels name another', isTold, { timeoutMs: 20_000, intervalMs: 10 });
    const toldMs = Date.now();
    for (const client of [idle, asking])
      await waitUntil('it is with the other', () => client?.status === 'ready', {
        timeoutMs: 10_000,
        intervalMs: 5,
      });
    expect(Date.now() - toldMs).toBeLessThan(1_500);
    expect(await Promise.all([idle?.ping(), asking?.ping()])).toEqual(['PONG', 'PONG']);
    for (const client of clients) client.disconnect();
    trio.primary.resume();
    await trio.stop();
  });

  it('and leaves the Sentinels when it is closed while it pauses before it reconnects', async () => {
    const trio = await startSentinelTrio();
    const ports = [...trio.url.matchAll(/:(\d+)/g)].map(([, port]) => Number(port));
    const untilListen = (count: number) =>
      waitUntil(
        `${count} listen to the Sentinels`,
        async () => {
          const told = await Promise.all(ports.map((port) => askRedis(port, 'CLIENT LIST TYPE pubsub')));
          return told.flatMap((clients) => clients.match(/ sub=1 /g) ?? []).length === count;
        },
        AT_ONCE,
      );
    const client = clientFor(trio.url, { random: () => 1 });
    client.on('error', () => undefined);
    await client.connect();
    await untilListen(3);
    client.disconnect(true);
    await once(client, 'reconnecting');
    endClient(client);
    await untilListen(0);
    await trio.stop();
  });

  it('and names the right that its user lacks', async () => {
    const redis = await startRedis();
    const admin = new Redis(redis.url);
    const url = await logInWithLeastRights(admin, redis.port);
    await expect(openRedisLedger({ url, prefix: 'other:' })).rejects.toThrow(
      /grant it the commands and key patterns/,
    );
    await expect(openRedisLedger({ url: url.replace('secret', 'wrong'), prefix: 'test-:' })).rejects.toThrow(
      /refused user or password/,
    );
    admin.disconnect();
    await redis.stop();
  });

  it('or says at once that no Sentinel answers', async () => {
    const [port = 0] = await freePorts('127.0.0.1', 1);
    const url = `redis+sentinel://127.0.0.1:${port}/main`;
    await expect(openRedisLedger({ url, prefix: 't:' })).rejects.toThrow(
      /no answer from Redis \(All sentinels/,
    );
  });

  it.each([
    ['https://redis.example', /is not the URL of a Redis/],
    ['redis+sentinel://127.0.0.1:26379', /does not end with \/NAME/],
    ['redis+sentinel://127.0.0.1:26379/main?password=x', /\/main\?… says password, which is none of/],
  ])('only by a URL that it understands: %s', async (url, message) => {
    await expect(openRedisLedger({ url, prefix: 't:' })).rejects.toThrow(message);
  });
});
