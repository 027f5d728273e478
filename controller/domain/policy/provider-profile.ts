import type { EspProvider } from '../../api/email-service-provider.ts';
import type { MailboxProvider } from '../../api/mailbox.ts';
import type { PlanEndpoint, PlanEsp } from '../../api/plan.ts';
import { ESP_PROFILE_IDS, MAILBOX_PROFILE_IDS, type PolicyProfile } from '../../api/policy-document.ts';
import type { Policy } from './policy.ts';

/** Where a provider takes mail; `host` is undefined where there is no single one (generic SMTP, SES regions). */
export interface SubmissionDefaults {
  readonly host?: string;
  readonly ports: Readonly<Record<PlanEndpoint['tls'], number>>;
  /** How TLS begins when the manifest names neither port nor mode: from the first byte where offered (RFC 8314 §3). */
  readonly tls: PlanEndpoint['tls'];
  readonly maxMessagesPerConnection: number;
}

/** What holds for a mailbox of a provider when its manifest says nothing. */
export interface MailboxDefaults extends SubmissionDefaults {
  /** Recipients per rolling 24 h. */
  readonly cap: number;
  /** Highest cap that may be declared, and who says so; undefined = the provider documents none. */
  readonly capLimit?: { readonly recipientsPerDay: number; readonly source: string };
  readonly minIntervalMs: number;
  readonly maxConnections: number;
  /** Most mailboxes of the provider in one pool; undefined = no limit. */
  readonly maxMailboxesPerPool?: number;
  readonly imap?: { readonly host: string; readonly port: number };
  readonly oauth2?: { readonly tokenUrl: string; readonly scope: string };
}

/** What holds for an account at an e-mail service provider. */
export interface EspDefaults extends SubmissionDefaults {
  /** Header field that makes the repeat of a message harmless, and for how long; undefined = the provider has none by SMTP. */
  readonly idempotency?: NonNullable<PlanEsp['idempotency']>;
}

/** Ports that IANA assigned to submission, for services whose profile lists only one of the two. */
const STANDARD_PORTS = { Implicit: 465, StartTls: 587 } as const;
/** House defaults for what a profile leaves open. */
const HOUSE = { cap: 500, minIntervalSeconds: 0, maxConnections: 1, maxMessagesPerConnection: 100 };

function profileOf(policy: Policy, id: string): PolicyProfile {
  const profile = policy.profiles.get(id);
  if (profile === undefined) throw new Error(`policy has no profile ${id}: add it to policy.yaml`);
  return profile;
}

function submissionDefaults(profile: PolicyProfile): SubmissionDefaults {
  const ports = profile.smtp?.ports ?? {};
  const host = profile.smtp?.host;
  return {
    ...(host === undefined ? {} : { host }),
    ports: {
      Implicit: ports.implicitTls ?? STANDARD_PORTS.Implicit,
      StartTls: ports.starttls ?? STANDARD_PORTS.StartTls,
    },
    tls: ports.implicitTls === undefined ? 'StartTls' : 'Implicit',
    maxMessagesPerConnection: profile.defaults?.maxMessagesPerConnection ?? HOUSE.maxMessagesPerConnection,
  };
}

/** One recipient per message is sent, so the least of the daily limits is the cap. */
function defaultCap(defaults: NonNullable<PolicyProfile['defaults']>): number {
  const limits = [
    defaults.recipientsPerDay,
    defaults.messagesPerDay,
    defaults.externalRecipientsPerDay,
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? HOUSE.cap : Math.min(...limits);
}

/** Defaults of a mailbox provider. */
export function mailboxProfile(policy: Policy, provider: MailboxProvider): MailboxDefaults {
  const profile = profileOf(policy, MAILBOX_PROFILE_IDS[provider]);
  const defaults = profile.defaults ?? {};
  const perPool = profile.policy?.maxMailboxesPerPool;
  return {
    ...submissionDefaults(profile),
    cap: defaultCap(defaults),
    minIntervalMs: (defaults.minSecondsBetweenMessages ?? HOUSE.minIntervalSeconds) * 1000,
    maxConnections: defaults.maxConnections ?? HOUSE.maxConnections,
    ...(profile.capLimit === undefined ? {} : { capLimit: profile.capLimit }),
    ...(typeof perPool === 'number' ? { maxMailboxesPerPool: perPool } : {}),
    ...(profile.imap === undefined ? {} : { imap: profile.imap }),
    ...(profile.oauth2 === undefined ? {} : { oauth2: profile.oauth2 }),
  };
}

/** Defaults of an e-mail service provider's relay. */
export function espProfile(policy: Policy, provider: EspProvider): EspDefaults {
  const profile = profileOf(policy, ESP_PROFILE_IDS[provider]);
  const idempotency = idempotencyOf(profile);
  return { ...submissionDefaults(profile), ...(idempotency && { idempotency }) };
}

function idempotencyOf({ idempotencyKey }: PolicyProfile): EspDefaults['idempotency'] {
  if (idempotencyKey === undefined || idempotencyKey === 'none') return undefined;
  const { smtpHeader, ttlHours } = idempotencyKey;
  if (smtpHeader === undefined || ttlHours === undefined) return undefined;
  return { header: smtpHeader, ttlMs: ttlHours * 3_600_000 };
}
