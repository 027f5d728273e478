import { createHash } from 'node:crypto';
import type { PlanMailbox } from '../../api/plan.ts';
import type { Mailbox } from '../../api/resource.ts';
import { canonicalAddress } from '../address/canonical-address.ts';
import { mailboxProfile, type MailboxDefaults } from '../policy/provider-profile.ts';
import type { TimeZoneCheck } from '../time-zone.ts';
import { isConsumerGmail } from './consumer-account.ts';
import { mailboxAuth } from './mailbox-auth.ts';
import { mailboxQuota } from './mailbox-quota.ts';
import { blocking, type Finding } from './problem.ts';
import { checkEndpoint, routeEndpoint } from './route-endpoint.ts';
import type { RouteSurroundings } from './route-surroundings.ts';

/** A mailbox as the plan states it, before its place in a pool is considered, and what is wrong with it. */
export interface CompiledMailbox {
  readonly plan: Omit<PlanMailbox, 'blocked'>;
  readonly findings: readonly Finding[];
}

/** Subject of the quota ledger: the account, so that the same account is never counted under two names. */
export function mailboxQuotaSubject(address: string): string {
  return `mailbox:${createHash('sha256').update(canonicalAddress(address)).digest('hex')}`;
}

function checkProvider(mailbox: Mailbox): Finding[] {
  const { provider, address } = mailbox.spec;
  if (provider === 'Gmail' || !isConsumerGmail(mailbox.spec)) return [];
  const message = `${address} is a consumer Gmail account with Gmail's limits: set provider to Gmail, not ${provider}`;
  return [blocking('spec.provider', 'Invalid', message)];
}

function checkWindow(mailbox: Mailbox, isTimeZone: TimeZoneCheck): Finding[] {
  const window = mailbox.spec.sendingWindow;
  if (window === undefined || isTimeZone(window.timeZone)) return [];
  const message = `${window.timeZone} is not a known time zone: use an IANA name such as Europe/Berlin`;
  return [blocking('spec.sendingWindow.timeZone', 'Invalid', message)];
}

function imapEndpoint(mailbox: Mailbox, defaults: MailboxDefaults): Pick<PlanMailbox, 'imap'> {
  const host = mailbox.spec.imap?.host ?? defaults.imap?.host;
  if (host === undefined) return {};
  return { imap: { host, port: mailbox.spec.imap?.port ?? defaults.imap?.port ?? IMAP_TLS_PORT } };
}

/** IMAP with TLS from the first byte (RFC 8314 §3.2). */
const IMAP_TLS_PORT = 993;

/** One mailbox as a route. */
export function mailboxRoute(mailbox: Mailbox, surroundings: RouteSurroundings): CompiledMailbox {
  const { index, policy, windowMs, isTimeZone } = surroundings;
  const { spec, metadata } = mailbox;
  const defaults = mailboxProfile(policy, spec.provider);
  const endpoint = routeEndpoint(spec.smtp, defaults);
  const { auth, findings: authFindings } = mailboxAuth(index, mailbox, defaults);
  const quota = mailboxQuota(mailbox, defaults, windowMs);
  const interval = spec.pacing?.minIntervalSeconds;
  return {
    plan: {
      kind: 'Mailbox',
      route: `mailbox/${metadata.name}`,
      name: metadata.name,
      provider: spec.provider,
      address: spec.address,
      displayName: spec.displayName ?? '',
      aliases: spec.aliases ?? [],
      endpoint,
      auth,
      quotaSubject: mailboxQuotaSubject(spec.address),
      cap: quota.cap,
      limits: [...quota.limits],
      ...(quota.warmup === undefined ? {} : { warmup: quota.warmup }),
      minIntervalMs: interval === undefined ? defaults.minIntervalMs : interval * 1000,
      jitterMs: (spec.pacing?.jitterSeconds ?? 0) * 1000,
      maxConnections: defaults.maxConnections,
      maxMessagesPerConnection: defaults.maxMessagesPerConnection,
      suspended: spec.suspend,
      ...(spec.sendingWindow === undefined ? {} : { sendingWindow: spec.sendingWindow }),
      ...imapEndpoint(mailbox, defaults),
    },
    findings: [
      ...checkProvider(mailbox),
      ...authFindings,
      ...checkEndpoint(index, metadata.namespace, endpoint),
      ...quota.findings,
      ...checkWindow(mailbox, isTimeZone),
    ],
  };
}
