import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CredentialsError } from '../../../../controller/operator/kube/api-error.ts';
import type { Transport } from '../../../../controller/operator/kube/transport.ts';
import { ScriptedServer, transportTo } from './scripted-server.ts';

let server: ScriptedServer;
let transport: Transport;
let folder: string;

beforeEach(async () => {
  server = await ScriptedServer.start();
  transport = transportTo(server.access);
  folder = await mkdtemp(join(tmpdir(), 'kube-credentials-'));
});
afterEach(async () => {
  await transport.close();
  await server.stop();
  await rm(folder, { recursive: true });
});

const get = () => transport.call({ operation: 'get thing a', method: 'GET', path: '/thing' });
const errorOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable(),
    (error) => error,
  );

describe('credentials', () => {
  const asUser = (user: object) =>
    (transport = transportTo({ ...server.access, user: { name: 'tester', ...user } }));
  const authorizationOfNext = async () => {
    const answer = get();
    const request = await server.next();
    request.answer(200, {});
    await answer;
    return request.headers.authorization;
  };

  it.each([
    ['a token', { token: 'abc' }, 'Bearer abc'],
    [
      'a password',
      { username: 'anna', password: 'secret' },
      `Basic ${Buffer.from('anna:secret').toString('base64')}`,
    ],
    ['nothing', {}, undefined],
  ])('%s becomes a header', async (_, user, header) => {
    asUser(user);
    expect(await authorizationOfNext()).toBe(header);
  });

  it('from a token file are read again as soon as the server refuses them', async () => {
    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, 'first\n');
    asUser({ authProvider: { name: 'tokenFile', config: { tokenFile } } });
    expect(await authorizationOfNext()).toBe('Bearer first');
    await writeFile(tokenFile, 'second\n');
    const answer = get();
    const stale = await server.next();
    expect(stale.headers.authorization).toBe('Bearer first');
    stale.refuse(401, 'Unauthorized');
    const fresh = await server.next();
    expect(fresh.headers.authorization).toBe('Bearer second');
    fresh.answer(200, {});
    await answer;
  });

  it('that are refused twice are an error, not a loop', async () => {
    asUser({ token: 'wrong' });
    const answer = errorOf(get());
    (await server.next()).refuse(401, 'Unauthorized');
    (await server.next()).refuse(401, 'Unauthorized');
    expect(await answer).toMatchObject({ status: 401 });
    expect(server.requestCount).toBe(2);
  });

  it('come from a plugin, which is run once however many calls wait for it', async () => {
    const log = join(folder, 'runs');
    const credential = JSON.stringify({ kind: 'ExecCredential', status: { token: 'from-plugin' } });
    const script = `echo "$KUBERNETES_EXEC_INFO" >> ${log}; sleep 0.1; echo '${credential}'`;
    asUser({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] } });
    const answers = [get(), get(), get()];
    for (const _ of answers) {
      const request = await server.next();
      expect(request.headers.authorization).toBe('Bearer from-plugin');
      request.answer(200, {});
    }
    await Promise.all(answers);
    const runs = (await readFile(log, 'utf8')).trim().split('\n');
    expect(runs).toHaveLength(1);
    expect(JSON.parse(runs[0] ?? '')).toMatchObject({ kind: 'ExecCredential', spec: { interactive: false } });
  });

  it.each([
    [
      'a token file that is not there',
      { authProvider: { name: 'tokenFile', config: { tokenFile: '/nonexistent/token' } } },
    ],
    ['a plugin that fails', { exec: { command: 'sh', args: ['-c', 'exit 3'] } }],
    ['a plugin that does not exist', { exec: { command: '/nonexistent/plugin' } }],
    ['a provider nobody supports', { authProvider: { name: 'gcp', config: {} } }],
  ])('missing because of %s are an error of their own, and the next call looks again', async (_, user) => {
    asUser(user);
    for (let tries = 0; tries < 2; tries += 1) {
      const error = await errorOf(get());
      expect(error).toBeInstanceOf(CredentialsError);
      expect(error.message).toContain('user "tester"');
    }
    expect(server.requestCount).toBe(0);
  });
});
