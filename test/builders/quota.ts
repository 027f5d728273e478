import type { PlanLimit } from '../../controller/api/plan.ts';
import type { ReserveRequest } from '../../controller/domain/ports/quota-ledger.ts';

/** A limit of 100 recipients in any 24 h. */
export function aDayLimit(overrides: Partial<PlanLimit> = {}): PlanLimit {
  return { name: 'Day', windowMs: 86_400_000, recipients: 100, ...overrides };
}

/** A limit of 20 recipients in any hour. */
export function anHourLimit(overrides: Partial<PlanLimit> = {}): PlanLimit {
  return { name: 'Hour', windowMs: 3_600_000, recipients: 20, ...overrides };
}

/** One recipient by anna's mailbox, 100 a day, no pacing. */
export function aReserveRequest(overrides: Partial<ReserveRequest> = {}): ReserveRequest {
  return {
    subject: 'mailbox:anna@example.com',
    recipients: 1,
    limits: [aDayLimit()],
    minIntervalMs: 0,
    jitterMs: 0,
    ...overrides,
  };
}
