import type { Mailbox } from '../../api/resource.ts';
import type { PlanLimit, PlanWarmup } from '../../api/plan.ts';
import type { MailboxDefaults } from '../policy/provider-profile.ts';
import { parseTime } from './calendar-time.ts';
import { blocking, type Finding } from './problem.ts';
import { rollingLimits } from './rolling-limits.ts';

/** How much a mailbox may send. */
export interface MailboxQuota {
  /** The declared cap, before the reserve. */
  readonly cap: number;
  readonly limits: readonly PlanLimit[];
  readonly warmup?: PlanWarmup;
  readonly findings: readonly Finding[];
}

const CAP_FIELD = 'spec.quota.recipientsPerDay';

function checkCap(mailbox: Mailbox, cap: number, inForce: number, defaults: MailboxDefaults): Finding[] {
  const limit = defaults.capLimit;
  if (limit !== undefined && cap > limit.recipientsPerDay) {
    const message = `${cap} is above the ${limit.recipientsPerDay} that ${mailbox.spec.provider} allows (${limit.source}): lower it`;
    return [blocking(CAP_FIELD, 'Invalid', message)];
  }
  if (inForce > 0) return [];
  const message = `the reserve leaves nothing of the cap of ${cap}: lower reservePercent or raise the cap`;
  return [blocking('spec.quota.reservePercent', 'Invalid', message)];
}

function warmupRamp(mailbox: Mailbox): { warmup?: PlanWarmup; findings: Finding[] } {
  const declared = mailbox.spec.warmup;
  if (declared === undefined) return { findings: [] };
  const { startRecipientsPerDay, growthPercentPerDay, startDate } = declared;
  const ramp = { startRecipientsPerDay, growthPercentPerDay };
  if (startDate === undefined) return { warmup: ramp, findings: [] };
  const startMs = parseTime(startDate);
  if (startMs !== undefined) return { warmup: { ...ramp, startMs }, findings: [] };
  const message = `${startDate} is not a day of the calendar: write a date such as 2026-11-24`;
  return { warmup: ramp, findings: [blocking('spec.warmup.startDate', 'Invalid', message)] };
}

/** Limits of a mailbox: the declared or the provider's cap, less the share that the human keeps. */
export function mailboxQuota(mailbox: Mailbox, defaults: MailboxDefaults, windowMs: number): MailboxQuota {
  const quota = mailbox.spec.quota;
  const cap = quota?.recipientsPerDay ?? defaults.cap;
  // Whole numbers all the way: 100 less 29 percent must not become 70.99.
  const inForce = Math.floor((cap * (100 - (quota?.reservePercent ?? 0))) / 100);
  const { warmup, findings } = warmupRamp(mailbox);
  return {
    cap,
    limits: rollingLimits(inForce, quota?.recipientsPerHour, windowMs),
    ...(warmup === undefined ? {} : { warmup }),
    findings: [...checkCap(mailbox, cap, inForce, defaults), ...findings],
  };
}
