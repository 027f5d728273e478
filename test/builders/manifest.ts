import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A manifest as a person writes it, before defaults. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly [field: string]: unknown };
  readonly spec: Readonly<Record<string, unknown>>;
}

type Spec = Readonly<Record<string, unknown>>;

/** A valid object of the kind with some fields of its spec replaced; `undefined` takes one out. */
const builderOf =
  (kind: string, name: string, spec: Spec) =>
  (changes: Spec = {}, ownName = name): Manifest => ({
    apiVersion: 'mailers.io/v1alpha1',
    kind,
    metadata: { name: ownName },
    spec: Object.fromEntries(
      Object.entries({ ...spec, ...changes }).filter(([, value]) => value !== undefined),
    ),
  });

export const mailboxManifest = builderOf('Mailbox', 'anna', {
  address: 'anna@example.com',
  provider: 'GoogleWorkspace',
  auth: { appPassword: { secretRef: { name: 'anna' } } },
});

export const espManifest = builderOf('EmailServiceProvider', 'relay', {
  provider: 'SMTP',
  smtp: { host: 'smtp.example.com' },
  auth: { secretRef: { name: 'relay' } },
});

export const poolManifest = builderOf('SendingPool', 'pool', {
  purpose: 'Transactional',
  mailboxes: { names: ['anna'] },
});

export const suppressionListManifest = builderOf('SuppressionList', 'blocked', {
  addresses: ['gone@example.com'],
});

export const templateManifest = builderOf('Template', 'hello', { subject: 'Hello', text: 'Hello.' });

export const campaignManifest = builderOf('Campaign', 'launch', {
  poolRef: { name: 'pool' },
  templateRef: { name: 'hello' },
  audience: { inline: 'email\na@example.com\n' },
});

/** A temporary directory with these files; `remove` ends it. */
export async function manifestDirectory(files: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), 'mailers-manifests-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}
