import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accessFromKubeconfig, accessInCluster } from '../../../../controller/operator/kube/kube-config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const FIRST = `
apiVersion: v1
kind: Config
current-context: test
clusters:
  - name: c1
    cluster: { server: "https://one:6443/", certificate-authority: pki/ca.crt }
users:
  - name: u1
    user: { tokenFile: secrets/token }
  - name: u2
    user: { client-certificate: pki/u2.crt, client-key: /absolute/u2.key }
contexts:
  - name: test
    context: { cluster: c1, user: u1, namespace: sales }
  - name: certificates
    context: { cluster: c1, user: u2 }
`;
const SECOND = `
current-context: other
clusters:
  - name: c1
    cluster: { server: "https://shadowed:6443" }
  - name: c2
    cluster: { server: "https://two:6443", insecure-skip-tls-verify: true, tls-server-name: api }
users:
  - name: u3
    user: { token: abc }
contexts:
  - name: other
    context: { cluster: c2, user: u3 }
  - name: broken
    context: { cluster: c9, user: u3 }
`;

describe('a kubeconfig', () => {
  it('gives the current context, with paths relative to its file', async () => {
    const access = await accessFromKubeconfig([await file('one', FIRST)]);
    expect(access).toMatchObject({
      cluster: { server: 'https://one:6443', caFile: join(folder, 'pki/ca.crt'), skipTLSVerify: false },
      user: { name: 'u1', authProvider: { config: { tokenFile: join(folder, 'secrets/token') } } },
      namespace: 'sales',
    });
  });

  it('gives another context by its name', async () => {
    const access = await accessFromKubeconfig([await file('one', FIRST)], 'certificates');
    expect(access.user).toMatchObject({ certFile: join(folder, 'pki/u2.crt'), keyFile: '/absolute/u2.key' });
    expect(access.namespace).toBe('default');
  });

  it('of several files takes what comes first', async () => {
    const files = [await file('one', FIRST), await file('two', SECOND)];
    expect((await accessFromKubeconfig(files)).cluster.server).toBe('https://one:6443');
    expect(await accessFromKubeconfig(files, 'other')).toMatchObject({
      cluster: { server: 'https://two:6443', skipTLSVerify: true, tlsServerName: 'api' },
      user: { token: 'abc' },
    });
  });

  it.each([
    ['a context that is not there', FIRST, 'nowhere', 'called "nowhere"'],
    ['a cluster that is not there', SECOND, 'broken', 'called "c9"'],
    ['no current context', 'clusters: []', undefined, 'names no current context'],
    ['no content', '', undefined, 'is not a kubeconfig'],
  ])('with %s is refused in words', async (_, text, context, words) => {
    await expect(accessFromKubeconfig([await file('one', text)], context)).rejects.toThrow(words);
  });
});

describe('a pod', () => {
  it('reaches its API server with the service account it was given', async () => {
    const serviceAccountDir = join(folder, 'serviceaccount');
    await mkdir(serviceAccountDir);
    await writeFile(join(serviceAccountDir, 'namespace'), 'mailers-system');
    const access = await accessInCluster({ host: 'fd00::1', port: '443', serviceAccountDir });
    expect(access).toMatchObject({
      cluster: { server: 'https://[fd00::1]:443', caFile: join(serviceAccountDir, 'ca.crt') },
      user: { authProvider: { config: { tokenFile: join(serviceAccountDir, 'token') } } },
      namespace: 'mailers-system',
    });
  });

  it('without a service account is told so', async () => {
    await expect(
      accessInCluster({ host: 'h', port: '1', serviceAccountDir: '/nonexistent' }),
    ).rejects.toThrow('ENOENT');
  });
});
