import {
  ESP_PROFILE_IDS,
  MAILBOX_PROFILE_IDS,
  policyDocumentSchema,
  type BulkSenderRule,
  type ClientErrorRule,
  type PolicyDocument,
  type PolicyProfile,
  type SmtpRule,
} from '../../api/policy-document.ts';
import type { ReplyClass } from '../../api/outcome.ts';
import { resolveProfile } from './profile-inheritance.ts';

/** A reply rule with its expression compiled. */
interface CompiledRule extends SmtpRule {
  readonly expression: RegExp;
}

/** `policy.yaml`, checked, inheritance resolved and expressions compiled. */
export interface Policy {
  readonly profiles: ReadonlyMap<string, PolicyProfile>;
  /** First match wins. */
  readonly smtpRules: readonly CompiledRule[];
  readonly clientErrors: ReadonlyMap<string, ClientErrorRule>;
  readonly bulkSender: BulkSenderRule;
  /** For client errors that the policy does not name. */
  readonly otherClientError: ClientErrorRule;
  /** Classes of replies that hold a warm-up's ramp for their day. */
  readonly warmupHolds: ReadonlySet<ReplyClass>;
}

/** The policy document cannot be used; the message lists every fault with its place. */
export class PolicyInvalid extends Error {
  override readonly name = 'PolicyInvalid';
}

const OTHER_CLIENT_ERROR = 'other';

function schemaFaults(document: unknown): string[] {
  const parsed = policyDocumentSchema.safeParse(document);
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`);
}

function compileRules(rules: readonly SmtpRule[], faults: string[]): CompiledRule[] {
  const seen = new Set<string>();
  const compiled: CompiledRule[] = [];
  for (const rule of rules) {
    if (seen.has(rule.id)) faults.push(`smtpRules.${rule.id}: the id is used twice; give each rule its own`);
    seen.add(rule.id);
    try {
      compiled.push({ ...rule, expression: new RegExp(rule.match, 'i') });
    } catch (error) {
      faults.push(`smtpRules.${rule.id}.match: ${String(error)}`);
    }
  }
  return compiled;
}

function resolveProfiles(document: PolicyDocument, faults: string[]): Map<string, PolicyProfile> {
  const profiles = new Map<string, PolicyProfile>();
  for (const id of Object.keys(document.profiles)) {
    const resolved = resolveProfile(document.profiles, id);
    if (typeof resolved === 'string') faults.push(`profiles.${id}.extends: ${resolved}`);
    else profiles.set(id, resolved);
  }
  for (const [provider, id] of [...Object.entries(MAILBOX_PROFILE_IDS), ...Object.entries(ESP_PROFILE_IDS)]) {
    const profile = document.profiles[id];
    if (profile === undefined) faults.push(`profiles.${id}: is missing; provider ${provider} needs it`);
  }
  return profiles;
}

/**
 * Checks the parsed `policy.yaml` and prepares it for use.
 * @throws PolicyInvalid with every fault found.
 */
export function parsePolicy(document: unknown): Policy {
  const faults = schemaFaults(document);
  if (faults.length > 0) throw new PolicyInvalid(`policy.yaml is not usable:\n${faults.join('\n')}`);
  const parsed = policyDocumentSchema.parse(document);
  const smtpRules = compileRules(parsed.smtpRules, faults);
  const profiles = resolveProfiles(parsed, faults);
  const otherClientError = parsed.clientErrors[OTHER_CLIENT_ERROR];
  if (otherClientError === undefined) {
    throw new PolicyInvalid(
      'policy.yaml is not usable:\nclientErrors.other: is missing; unnamed errors need it',
    );
  }
  if (faults.length > 0) throw new PolicyInvalid(`policy.yaml is not usable:\n${faults.join('\n')}`);
  return {
    profiles,
    smtpRules,
    clientErrors: new Map(Object.entries(parsed.clientErrors)),
    bulkSender: parsed.domainGuards.bulkSender,
    otherClientError,
    warmupHolds: new Set(parsed.warmup.default.holdOn.flatMap((sign) => parsed.warmup.signs[sign])),
  };
}
