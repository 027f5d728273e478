import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createManifestLoader, loadManifests } from '../../../../controller/cli/manifests/load.ts';
import { formatManifestError } from '../../../../controller/cli/manifests/manifest-error.ts';
import { mailboxManifest, manifestDirectory, suppressionListManifest } from '../../../builders/manifest.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const { directory, remove } = await manifestDirectory(files);
  cleanups.push(remove);
  return directory;
}

async function load(files: Readonly<Record<string, string>>) {
  const directory = await directoryWith(files);
  const loaded = await loadManifests(directory);
  const words = (list: typeof loaded.errors) =>
    list.map((error) => formatManifestError(error).replaceAll(`${directory}/`, ''));
  return { ...loaded, errors: words(loaded.errors), notices: words(loaded.notices) };
}

const yaml = (object: unknown): string => JSON.stringify(object);

const MAILBOX = `apiVersion: mailers.io/v1alpha1
kind: Mailbox
metadata:
  name: anna
spec:
  address: anna@example.com
  provider: GoogleWorkspace
  auth:
    appPassword:
      secretRef:
        name: anna
`;

describe('what is read', () => {
  it('reads every document of every YAML and JSON file, and applies the defaults', async () => {
    const { errors, resources, documents } = await load({
      'a.yaml': MAILBOX,
      'b.yml': `# first\n---\n${MAILBOX.replace('name: anna\nspec', 'name: ben\nspec')}`,
      'c.json': yaml(suppressionListManifest()),
      'notes.txt': 'not a manifest',
      '.a.yaml.swp': 'not a manifest',
    });
    expect(errors).toEqual([]);
    expect(documents).toBe(3);
    expect(resources.mailboxes.map(({ metadata }) => metadata.name)).toEqual(['anna', 'ben']);
    expect(resources.mailboxes[0]?.metadata.namespace).toBe('default');
    expect(resources.mailboxes[0]?.spec.suspend).toBe(false);
    expect(resources.mailboxes[0]?.spec.auth.appPassword?.secretRef.key).toBe('appPassword');
    expect(resources.suppressionLists).toHaveLength(1);
  });

  it('reads files that are named themselves, whatever they are called', async () => {
    const directory = await directoryWith({ 'mailbox.txt': MAILBOX });
    const loaded = await loadManifests([join(directory, 'mailbox.txt')]);
    expect(loaded.resources.mailboxes).toHaveLength(1);
  });

  it('takes Lists apart and says where in the List an error is', async () => {
    const { errors, resources } = await load({
      'list.yaml': `apiVersion: v1\nkind: List\nitems:\n- ${yaml(mailboxManifest())}\n- ${yaml(
        mailboxManifest({ provider: 'Gmail2' }, 'ben'),
      )}\n`,
    });
    expect(resources.mailboxes).toHaveLength(1);
    expect(errors).toEqual([
      expect.stringMatching(/^list\.yaml:5: Mailbox\/ben: spec\.provider: must be one of/),
    ]);
  });

  it('takes a byte order mark and Windows line ends', async () => {
    const { errors, resources } = await load({
      'a.yaml': `\uFEFF${MAILBOX}---\n${MAILBOX.replace('GoogleWorkspace', 'Yahoo')}`.replaceAll(
        '\n',
        '\r\n',
      ),
    });
    expect(resources.mailboxes).toHaveLength(1);
    expect(errors.map((error) => error.split(': ').slice(0, 3).join(': '))).toEqual([
      'a.yaml:16: Mailbox/anna: metadata.name',
      'a.yaml:19: Mailbox/anna: spec.provider',
    ]);
  });

  it('leaves kustomizations and Namespaces aside quietly, and other kinds and folders with a notice', async () => {
    const directory = await directoryWith({
      'kustomization.yaml': 'resources: [a.yaml]',
      'a.yaml': `${MAILBOX}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n`,
    });
    await mkdir(join(directory, 'more'));
    const { errors, notices } = await loadManifests(directory);
    expect(errors).toEqual([]);
    expect(notices.map((notice) => notice.message)).toEqual([
      'is a subdirectory and not read; name it too if it is meant',
      'apps/v1 Deployment is not one of the kinds that mailers reads; skipped',
    ]);
  });

  it('reads scalars as kubectl does: times of day and dates are text, yes and NO are not', async () => {
    const { errors, resources } = await load({
      'a.yaml': `${MAILBOX}  suspend: yes\n  sendingWindow: {startTime: 09:00, endTime: 12:30}\n  warmup: {startDate: 2026-11-24}\n`,
      'b.yaml': yaml(suppressionListManifest()).replace('"gone@example.com"', 'NO'),
    });
    expect(resources.mailboxes[0]?.spec).toMatchObject({
      suspend: true,
      sendingWindow: { startTime: '09:00', endTime: '12:30' },
      warmup: { startDate: '2026-11-24' },
    });
    expect(errors).toEqual([
      'b.yaml:1: SuppressionList/blocked: spec.addresses[0]: must be text of at most 320 characters, not false; put it in quotes',
    ]);
  });

  it.each(['e1', 'E2', '-e3', '.e4'])(
    'takes %s for a name, as kubectl does, not for a number',
    async (name) => {
      const { errors, resources } = await load({ 'a.yaml': `${MAILBOX}  displayName: ${name}\n` });
      expect(errors).toEqual([]);
      expect(resources.mailboxes[0]?.spec.displayName).toBe(name);
    },
  );

  it.each(['1e3', '1.5E2', '.5e1', '1_0e1'])('takes %s for a number, as kubectl does', async (text) => {
    const { errors } = await load({ 'a.yaml': `${MAILBOX}  displayName: ${text}\n` });
    expect(errors).toHaveLength(1);
  });

  it('takes an empty field for a field that is not there, as the API server does', async () => {
    const { errors, resources } = await load({ 'a.yaml': `${MAILBOX}  quota:\n  suspend: null\n` });
    expect(errors).toEqual([]);
    expect(resources.mailboxes[0]?.spec.quota).toBeUndefined();
    expect(resources.mailboxes[0]?.spec.suspend).toBe(false);
  });

  it('forgets a status that came along from kubectl get', async () => {
    const { errors, resources } = await load({ 'a.yaml': `${MAILBOX}status: {delivered: many}\n` });
    expect(errors).toEqual([]);
    expect(resources.mailboxes[0]).not.toHaveProperty('status');
  });
});

describe('Secrets and ConfigMaps', () => {
  it('keeps their data beside the resources, which know only names and keys of Secrets', async () => {
    const { errors, resources, secrets, configMaps } = await load({
      'a.yaml': `apiVersion: v1
kind: Secret
metadata: {name: anna, namespace: mail}
type: Opaque
data: {appPassword: YWJjZA==, other: YQ==}
stringData: {other: plain}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: people}
data: {audience.csv: "email\\n"}
binaryData: {raw: /w==}
`,
    });
    expect(errors).toEqual([]);
    expect(resources.secrets).toEqual([{ namespace: 'mail', name: 'anna', keys: ['appPassword', 'other'] }]);
    const texts = Object.entries(secrets.get('mail/anna') ?? {}).map(([key, data]) => [key, String(data)]);
    expect(Object.fromEntries(texts)).toEqual({ appPassword: 'abcd', other: 'plain' });
    expect(resources.configMaps[0]?.data['audience.csv']).toBe('email\n');
    expect(Array.from(configMaps.get('default/people')?.['raw'] ?? [])).toEqual([255]);
  });

  it('never repeats the value of a Secret', async () => {
    const { errors } = await load({
      'a.yaml':
        'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  a: hunter2\nstringData:\n  b: 31337\n',
      'b.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: t}\ndata:\n  a: hunter2\n',
    });
    expect(errors).toEqual([
      'a.yaml:7: Secret/s: stringData.b: must be text, not a number; put it in quotes',
      'b.yaml:5: Secret/t: data.a: must be base64; plain text belongs in stringData',
    ]);
  });
});

describe('what is refused', () => {
  it('names the other place of an object that is there twice', async () => {
    const { errors, resources } = await load({ 'a.yaml': MAILBOX, 'b.yaml': `\n${MAILBOX}` });
    expect(resources.mailboxes).toHaveLength(1);
    expect(errors).toEqual([
      expect.stringMatching(
        /^b\.yaml:5: Mailbox\/anna: metadata\.name: is declared twice in namespace default; the other one is at \S*a\.yaml:4$/,
      ),
    ]);
  });

  it('tells objects of the same name in other namespaces and of other kinds apart', async () => {
    const { errors } = await load({
      'a.yaml': MAILBOX,
      'b.yaml': MAILBOX.replace('name: anna\nspec', 'name: anna\n  namespace: other\nspec'),
      'c.yaml': yaml(suppressionListManifest({}, 'anna')),
    });
    expect(errors).toEqual([]);
  });

  it('goes on after a document that is no YAML', async () => {
    const { errors, resources } = await load({ 'a.yaml': `foo: [\n---\n${MAILBOX}---\na: 1\na: 2\n` });
    expect(resources.mailboxes).toHaveLength(1);
    expect(errors).toEqual([
      expect.stringMatching(/^a\.yaml:[12]: is not valid YAML: Flow sequence/),
      'a.yaml:16: is not valid YAML: Map keys must be unique',
    ]);
  });

  it('refuses aliases that multiply without end', async () => {
    const level = (n: number) =>
      `l${n}: &l${n} [${Array.from({ length: 9 }, () => `*l${n - 1}`).join(', ')}]`;
    const { errors } = await load({
      'a.yaml': ['l0: &l0 [x]', level(1), level(2), level(3), level(4), level(5)].join('\n'),
    });
    expect(errors).toEqual([
      'a.yaml:1: is not valid YAML: Excessive alias count indicates a resource exhaustion attack',
    ]);
  });

  it('says what is missing in a document that is no object', async () => {
    const { errors } = await load({
      'a.yaml': 'kind: Mailbox\n---\n- 1\n---\napiVersion: mailers.io/v1alpha1\n',
    });
    expect(errors).toEqual([
      'a.yaml:1: Mailbox/?: apiVersion: is required: text',
      'a.yaml:3: must be a mapping with apiVersion, kind, metadata and spec',
      'a.yaml:5: kind: is required: text',
    ]);
  });

  it('refuses an unknown kind or version of our group', async () => {
    const { errors } = await load({
      'a.yaml': MAILBOX.replace('kind: Mailbox', 'kind: Mailbx'),
      'b.yaml': MAILBOX.replace('v1alpha1', 'v1'),
    });
    expect(errors).toEqual([
      'a.yaml:2: Mailbx/anna: kind: must be one of Mailbox, EmailServiceProvider, SendingPool, SuppressionList, Template, Campaign, not Mailbx; did you mean Mailbox?',
      'b.yaml:1: Mailbox/anna: apiVersion: must be mailers.io/v1alpha1, not mailers.io/v1',
    ]);
  });

  it('refuses files that are not UTF-8, and paths that are not there', async () => {
    const directory = await directoryWith({ 'a.yaml': MAILBOX });
    await writeFile(join(directory, 'b.yaml'), Buffer.from([0x61, 0x3a, 0x20, 0xff]));
    const { errors } = await loadManifests([directory, join(directory, 'nowhere')]);
    expect(errors.map((error) => [error.file.replace(`${directory}/`, ''), error.message])).toEqual([
      ['nowhere', 'cannot be read: there is no such file or directory'],
      ['b.yaml', 'is not UTF-8 text'],
    ]);
  });

  it('refuses a directory without manifests', async () => {
    const { errors } = await load({ 'notes.txt': '' });
    expect(errors).toEqual([
      expect.stringMatching(/: has no \*\.yaml, \*\.yml or \*\.json file; subdirectories are not read$/),
    ]);
  });

  it('lists a hundred errors of a file and counts the rest', async () => {
    const broken = Array.from({ length: 130 }, (_, n) => yaml(mailboxManifest({ provider: 'X' }, `m${n}`)));
    const { errors } = await load({ 'a.yaml': broken.join('\n---\n') });
    expect(errors).toHaveLength(101);
    expect(errors[100]).toBe('a.yaml: 30 more errors in this file');
  });
});

describe('loading again', () => {
  it('sees what changed, and holds immutable fields against what was in force', async () => {
    const directory = await directoryWith({ 'a.yaml': `# comment\n---\n${MAILBOX}` });
    const loader = createManifestLoader();
    const { resources: previous } = await loader.load(directory);
    const changed = MAILBOX.replace('anna@example.com', 'ben@example.com').concat('  displayName: Ben\n');
    await writeFile(join(directory, 'a.yaml'), `# comment\n---\n${changed}`);
    const { errors, resources } = await loader.load(directory, { previous });
    expect(resources.mailboxes[0]?.spec.displayName).toBe('Ben');
    expect(errors).toEqual([
      {
        file: join(directory, 'a.yaml'),
        line: 8,
        object: 'Mailbox/anna',
        field: 'spec.address',
        message: 'is immutable: quota is counted per address; create another Mailbox instead',
      },
    ]);
  });
});
