import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pkiFolder } from './pki.ts';

/** The kubeconfig file of an identity of the cluster. */
export function kubeconfigPath(dir: string, identity: string): string {
  return join(dir, `${identity}.kubeconfig`);
}

/** Writes a self-contained kubeconfig (JSON is YAML): certificates inside, so that the file can be handed to any tool. */
export function writeKubeconfig(dir: string, server: string, identity: string): void {
  const base64 = (file: string) => readFileSync(join(pkiFolder(dir), file)).toString('base64');
  const name = 'mailers-test';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64('ca.crt') } }],
    users: [
      {
        name,
        user: {
          'client-certificate-data': base64(`${identity}.crt`),
          'client-key-data': base64(`${identity}.key`),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  };
  writeFileSync(kubeconfigPath(dir, identity), JSON.stringify(config, null, 2), { mode: 0o600 });
}
