import type { SandboxConfigInput } from '../../controller/api/sandbox-config.ts';
import type { Sandbox } from '../../controller/sandbox/sandbox.ts';
import {
  campaignManifest,
  espManifest,
  mailboxManifest,
  poolManifest,
  templateManifest,
} from '../builders/manifest.ts';

type Changes = Readonly<Record<string, unknown>>;

/** Password of every mailbox, as Google shows it: the spaces are not part of it. */
export const PASSWORD = 'abcd efgh ijkl mnop';

/** Accounts of the provider twins for mailboxes and ESPs of these names. */
export function accounts(
  mailboxes: readonly string[],
  esps: readonly string[] = [],
): Required<Pick<SandboxConfigInput, 'accounts' | 'relays'>> {
  return {
    accounts: mailboxes.map((name) => ({ address: addressOf(name), appPassword: PASSWORD })),
    relays: esps.map((name) => ({
      username: loginOf(name),
      password: `${name}-key`,
      ...(isKeyed(name) && { idempotencyHeader: 'Resend-Idempotency-Key' }),
    })),
  };
}

export function addressOf(mailbox: string): string {
  return `${mailbox}@example.com`;
}

/** An ESP of such a name takes idempotency keys as Resend does. */
function isKeyed(esp: string): boolean {
  return esp.startsWith('resend');
}

/** The login of an ESP at the relay twin. */
export function loginOf(esp: string): string {
  return `${esp}-user`;
}

/** Keys of the Secret `logins` that let every account of the sandbox in. */
export function loginFiles({ accounts = [], relays = [] }: SandboxConfigInput): Record<string, string> {
  const passwords = accounts.map(({ address, appPassword }) => [nameIn(address), appPassword ?? '']);
  const keys = relays.flatMap(({ username, password }) => [
    [username, username],
    [`${username}-password`, password],
  ]);
  return Object.fromEntries([...passwords, ...keys]) as Record<string, string>;
}

export function mailbox(sandbox: Sandbox, name: string, changes: Changes = {}) {
  return mailboxManifest(
    {
      address: addressOf(name),
      auth: { appPassword: { secretRef: { name: 'logins', key: name } } },
      smtp: { host: 'localhost', port: sandbox.addresses.submission.startTlsPort, tls: 'StartTls' },
      pacing: { minIntervalSeconds: 0 },
      ...changes,
    },
    name,
  );
}

export function esp(sandbox: Sandbox, name: string, changes: Changes = {}) {
  const login = loginOf(name);
  return espManifest(
    {
      ...(isKeyed(name) && { provider: 'Resend' }),
      smtp: { host: 'localhost', port: sandbox.addresses.relay.startTlsPort, tls: 'StartTls' },
      auth: { secretRef: { name: 'logins', usernameKey: login, passwordKey: `${login}-password` } },
      from: { address: 'news@mail.example.com' },
      messagesPerSecond: 500,
      ...changes,
    },
    name,
  );
}

/** The pool of these routes; with ESPs, what mailboxes cannot take overflows to them. */
export function pool(mailboxes: readonly string[], esps: readonly string[] = [], changes: Changes = {}) {
  const routes =
    esps.length === 0 ? {} : { esps: esps.map((name) => ({ name })), routing: { overflow: 'ESP' } };
  return poolManifest({ mailboxes: { names: mailboxes }, ...routes, ...changes });
}

export function campaign(addresses: readonly string[], changes: Changes = {}, name?: string) {
  return campaignManifest({ audience: { inline: csv(addresses) }, ...changes }, name);
}

export function csv(addresses: readonly string[]): string {
  return ['email', ...addresses].join('\n');
}

/** Addresses r0@shop.example … */
export function recipients(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => `r${first + index}@shop.example`);
}

export const template = templateManifest({ subject: 'Hello', text: 'Hello from us.' });

function nameIn(address: string): string {
  return address.slice(0, address.indexOf('@'));
}
