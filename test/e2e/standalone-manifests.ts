import type { SandboxConfigInput } from '../../controller/api/sandbox-config.ts';
import type { Sandbox } from '../../controller/sandbox/sandbox.ts';
import {
  campaignManifest,
  espManifest,
  mailboxManifest,
  poolManifest,
  templateManifest,
} from '../builders/manifest.ts';

/** Password of every sandbox account of these tests. */
const PASSWORD = 'abcd efgh ijkl mnop';

export function accounts(...names: readonly string[]): SandboxConfigInput {
  return {
    accounts: names.map((name) => ({ address: `${name}@example.com`, appPassword: PASSWORD })),
    relays: [{ username: 'apikey', password: 'relay-key' }],
  };
}

export function mailbox(sandbox: Sandbox, name: string, changes: Readonly<Record<string, unknown>> = {}) {
  return mailboxManifest(
    {
      address: `${name}@example.com`,
      auth: { appPassword: { secretRef: { name: 'logins', key: name } } },
      smtp: { host: 'localhost', port: sandbox.addresses.submission.startTlsPort, tls: 'StartTls' },
      pacing: { minIntervalSeconds: 0 },
      ...changes,
    },
    name,
  );
}

export function relay(sandbox: Sandbox, changes: Readonly<Record<string, unknown>> = {}) {
  return espManifest({
    smtp: { host: 'localhost', port: sandbox.addresses.relay.startTlsPort, tls: 'StartTls' },
    auth: { secretRef: { name: 'logins', usernameKey: 'relayUser', passwordKey: 'relayPassword' } },
    from: { address: 'news@mail.example.com' },
    messagesPerSecond: 500,
    ...changes,
  });
}

export function logins(...names: readonly string[]) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'logins' },
    stringData: {
      ...Object.fromEntries(names.map((name) => [name, PASSWORD])),
      relayUser: 'apikey',
      relayPassword: 'relay-key',
    },
  };
}

export function pool(mailboxes: readonly string[], changes: Readonly<Record<string, unknown>> = {}) {
  return poolManifest({ mailboxes: { names: mailboxes }, ...changes });
}

export function campaign(rows: readonly string[], changes: Readonly<Record<string, unknown>> = {}) {
  return campaignManifest({ audience: { inline: ['email,name', ...rows].join('\n') }, ...changes });
}

/** Recipients r0@shop.example … */
export function recipients(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `r${index}@shop.example,Reader ${index}`);
}

export const template = templateManifest({
  subject: 'Hello {{ name }}',
  text: 'Hello {{ name }}.',
  variables: [{ name: 'name', default: 'friend' }],
});
