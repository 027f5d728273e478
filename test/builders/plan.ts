import { createHash } from 'node:crypto';
import {
  PLAN_SCHEMA_VERSION,
  type Plan,
  type PlanCampaign,
  type PlanEsp,
  type PlanMailbox,
  type PlanSharedLimit,
  type PlanStep,
} from '../../controller/api/plan.ts';

const DAY_MS = 86_400_000;

/** The mailbox anna@example.com: 100 recipients in any 24 h, no pacing. */
export function aPlanMailbox(overrides: Partial<PlanMailbox> = {}): PlanMailbox {
  const name = overrides.name ?? 'anna';
  const address = overrides.address ?? `${name}@example.com`;
  return {
    kind: 'Mailbox',
    route: `mailbox/${name}`,
    name,
    provider: 'GoogleWorkspace',
    endpoint: { host: '127.0.0.1', port: 465, tls: 'Implicit' },
    auth: { method: 'AppPassword', user: address, secret: { name: `${name}-login`, key: 'appPassword' } },
    quotaSubject: `mailbox:${address}`,
    limits: [{ name: 'Day', windowMs: DAY_MS, recipients: 100 }],
    minIntervalMs: 0,
    jitterMs: 0,
    maxConnections: 1,
    maxMessagesPerConnection: 50,
    suspended: false,
    address,
    displayName: '',
    aliases: [],
    cap: 100,
    ...overrides,
  };
}

/** The relay of a generic provider: no quota, weight 1. */
export function aPlanEsp(overrides: Partial<PlanEsp> = {}): PlanEsp {
  const name = overrides.name ?? 'relay';
  return {
    kind: 'ESP',
    route: `esp/${name}`,
    name,
    provider: 'SMTP',
    endpoint: { host: '127.0.0.1', port: 465, tls: 'Implicit' },
    auth: {
      method: 'UserPassword',
      secretName: `${name}-login`,
      usernameKey: 'username',
      passwordKey: 'password',
    },
    quotaSubject: `esp:mail/${name}`,
    limits: [],
    minIntervalMs: 0,
    jitterMs: 0,
    maxConnections: 1,
    maxMessagesPerConnection: 50,
    suspended: false,
    weight: 1,
    from: { address: 'hello@example.com', displayName: '' },
    domains: [],
    ...overrides,
  };
}

/** One step that greets by name. */
function aPlanStep(overrides: Partial<PlanStep> = {}): PlanStep {
  return {
    name: 'first',
    delayMs: 0,
    template: {
      name: 'greeting',
      subject: 'Hello {{ name }}',
      text: 'Hello {{ name }}',
      variables: [{ name: 'name', default: 'there' }],
    },
    ...overrides,
  };
}

/** A campaign of one step that may be sent now. */
export function aPlanCampaign(overrides: Partial<PlanCampaign> = {}): PlanCampaign {
  return {
    name: 'spring',
    steps: [aPlanStep()],
    from: {},
    suppressionLists: [],
    expireAfterMs: 259_200_000,
    suspended: false,
    ...overrides,
  };
}

/** What the pool mail/outreach may send to gmail.com: 100 recipients in any 24 h. */
export function aSharedLimit(overrides: Partial<PlanSharedLimit> = {}): PlanSharedLimit {
  return {
    kind: 'RecipientDomain',
    quotaSubject: 'recipient-domain:mail/outreach/gmail.com',
    limits: [{ name: 'Day', windowMs: DAY_MS, recipients: 100 }],
    recipientDomains: ['gmail.com', 'googlemail.com'],
    senderDomain: '',
    ...overrides,
  };
}

/**
 * A plan of the pool mail/outreach with one mailbox, one ESP and one campaign. The revision follows from the content unless
 * given, so a changed plan is another revision.
 */
export function aPlan(overrides: Partial<Plan> = {}): Plan {
  const content = {
    schema: PLAN_SCHEMA_VERSION,
    namespace: 'mail',
    pool: 'outreach',
    purpose: 'Transactional' as const,
    suspended: false,
    uncertain: 'Report' as const,
    routing: {
      prefer: 'Mailboxes' as const,
      overflow: 'ESP' as const,
      overflowReasons: ['QuotaExhausted' as const, 'Unavailable' as const],
    },
    suppressionLists: [],
    postalAddress: '',
    messageIdDomain: 'example.com',
    mailboxes: [aPlanMailbox()],
    esps: [aPlanEsp()],
    sharedLimits: [],
    campaigns: [aPlanCampaign()],
    ...overrides,
  };
  return { ...content, revision: overrides.revision ?? hash(content) };
}

function hash(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
}
