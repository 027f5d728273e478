import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../process/command.ts';

/** A certificate for one component: as a server by its names, as a client by its subject (CN = user, O = group). */
export type Identity = {
  /** File name in the pki folder. */
  name: string;
  /** OpenSSL's spelling: /O=system:masters/CN=admin. */
  subject: string;
  /** OpenSSL's spelling: DNS:localhost, IP:127.0.0.1. */
  alternativeNames?: readonly string[];
};

const daysValid = '365';
const ellipticKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const;

/** The folder that `createPki` fills. */
export function pkiFolder(dir: string): string {
  return join(dir, 'pki');
}

/** Makes a certificate authority, a certificate per identity, and the key pair that signs service account tokens. */
export async function createPki(dir: string, identities: readonly Identity[]): Promise<void> {
  const folder = pkiFolder(dir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // The system's own configuration would add extensions of its own.
  writeFileSync(join(folder, 'openssl.cnf'), '[req]\ndistinguished_name = subject\n[subject]\n');
  const authority = { name: 'ca', subject: '/CN=test-cluster-ca' };
  await certify(folder, authority, ['-addext', 'basicConstraints=critical,CA:TRUE']);
  await Promise.all(identities.map((identity) => issue(folder, identity)));
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  writeFileSync(join(folder, 'service-accounts.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(folder, 'service-accounts.key'), privateKey.export({ type: 'sec1', format: 'pem' }), {
    mode: 0o600,
  });
}

async function issue(folder: string, identity: Identity): Promise<void> {
  const names = identity.alternativeNames ?? [`DNS:${identity.name}`];
  const extensions = ['basicConstraints=critical,CA:FALSE', `subjectAltName=${names.join(',')}`];
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  await certify(folder, identity, [...added, '-CA', 'ca.crt', '-CAkey', 'ca.key']);
}

async function certify(cwd: string, { name, subject }: Identity, how: readonly string[]): Promise<void> {
  const files = ['-config', 'openssl.cnf', '-keyout', `${name}.key`, '-out', `${name}.crt`];
  const request = ['req', '-x509', ...ellipticKey, ...files, '-days', daysValid, '-subj', subject];
  await runCommand('openssl', [...request, ...how], { cwd });
}
