import type { ReportLimit } from '../../api/report.ts';
import type { SendingPoolStatus } from '../../api/sending-pool.ts';
import { MOST_LIMITS_IN_STATUS } from '../../api/shared-limits.ts';
import { conditionOf, type Cause, type CurrentCondition } from './conditions.ts';

const COMPLIANT: Cause = {
  reason: 'Succeeded',
  message: 'no From domain is near the volume of a bulk sender',
};
const AVAILABLE: Cause = { reason: 'QuotaAvailable', message: 'the limits that the routes share have room' };

function causeOf(limit: ReportLimit | undefined): Cause | undefined {
  return limit && { reason: limit.state, message: limit.message };
}

/**
 * Conditions of a pool that follow from the limits its routes share. An exhausted limit is daily life, and a guard holds only some of the
 * mail: neither touches `Ready`.
 */
export function limitConditions(limits: readonly ReportLimit[]): CurrentCondition[] {
  const inState = (state: ReportLimit['state']) => causeOf(limits.find((limit) => limit.state === state));
  const compliant = conditionOf(
    'PolicyCompliant',
    inState('BulkSenderRequirements'),
    inState('BulkSenderNear') ?? COMPLIANT,
  );
  if (limits.every(({ kind }) => kind === 'BulkSender')) return [compliant];
  const fault = inState('PoolQuotaExhausted') ?? inState('RecipientDomainQuotaExhausted');
  return [conditionOf('QuotaAvailable', fault, AVAILABLE), compliant];
}

/** The limits with their use: what a person declared first, then the guards by how much counts in them. */
export function limitStatus(limits: readonly ReportLimit[]): Pick<SendingPoolStatus, 'limits'> {
  if (limits.length === 0) return {};
  const guardUse = ({ kind, used }: ReportLimit): number => (kind === 'BulkSender' ? used : Infinity);
  const shown = [...limits].sort((a, b) => (guardUse(a) === guardUse(b) ? 0 : guardUse(b) - guardUse(a)));
  return {
    limits: shown
      .slice(0, MOST_LIMITS_IN_STATUS)
      .map(({ kind: _kind, message: _message, waiting: _waiting, nextSlot, ...limit }) => ({
        ...limit,
        ...(nextSlot === '' ? {} : { nextSlotTime: nextSlot }),
      })),
  };
}
