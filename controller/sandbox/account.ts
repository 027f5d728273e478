import type { SandboxAccount, SandboxConfig, SandboxLimits, SandboxRelay } from '../api/sandbox-config.ts';
import { IdempotencyKeys } from './idempotency-keys.ts';
import { AccountUsage, changeLimits, googleLimits, relayLimits } from './account-limits.ts';

/** What a client proves itself with. */
export interface Credentials {
  readonly password?: string | undefined;
  readonly accessToken?: string | undefined;
}

/** One login of a service. */
export interface Account {
  readonly name: string;
  readonly usage: AccountUsage;
  /** Undefined: the service has no such keys. */
  readonly idempotencyKeys?: IdempotencyKeys;
  isProvenBy(credentials: Credentials): boolean;
  maySendAs(address: string): boolean;
}

/** Accounts of one service by login name. */
export type AccountDirectory = ReadonlyMap<string, Account>;

/** Mailbox names are not case-sensitive, and neither are the login names of the ESPs that use addresses. */
export function findAccount(directory: AccountDirectory, name: string): Account | undefined {
  return directory.get(name.toLowerCase());
}

/** The accounts of the submission service. */
export function submissionAccounts(config: SandboxConfig): AccountDirectory {
  const common = changeLimits(googleLimits, config.limits);
  const accounts = config.accounts.map((account) => submissionAccount(account, common, config.enforceSender));
  return directory(accounts);
}

/** The logins of the relay. */
export function relayAccounts(config: SandboxConfig): AccountDirectory {
  const common = changeLimits(relayLimits, config.relayLimits);
  return directory(config.relays.map((relay) => relayAccount(relay, common)));
}

function directory(accounts: readonly Account[]): AccountDirectory {
  return new Map(accounts.map((account) => [account.name.toLowerCase(), account]));
}

function submissionAccount(
  account: SandboxAccount,
  common: SandboxLimits,
  isSenderEnforced: boolean,
): Account {
  const senders = new Set([account.address, ...account.aliases].map((address) => address.toLowerCase()));
  const appPassword = account.appPassword === undefined ? undefined : withoutSpaces(account.appPassword);
  const tokens = new Set(account.accessTokens);
  return {
    name: account.address,
    usage: new AccountUsage(changeLimits(common, account.limits)),
    isProvenBy: ({ password, accessToken }) =>
      accessToken === undefined
        ? appPassword !== undefined && withoutSpaces(password ?? '') === appPassword
        : tokens.has(accessToken),
    maySendAs: (address) => !isSenderEnforced || senders.has(address.toLowerCase()),
  };
}

function relayAccount(relay: SandboxRelay, common: SandboxLimits): Account {
  return {
    name: relay.username,
    usage: new AccountUsage(changeLimits(common, relay.limits)),
    isProvenBy: ({ password }) => password === relay.password,
    maySendAs: () => true,
    ...(relay.idempotencyHeader !== undefined && {
      idempotencyKeys: new IdempotencyKeys(relay.idempotencyHeader),
    }),
  };
}

/** Google shows App Passwords in four groups of four letters; the spaces between them do not count. */
function withoutSpaces(password: string): string {
  return password.replaceAll(/\s/g, '');
}
