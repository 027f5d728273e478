import type { Plan } from '../../controller/api/plan.ts';
import { sharedLimitName } from '../../controller/domain/quota/shared-limits.ts';
import type { SharedCap } from './evidence.ts';

/** The caps that the routes of these plans share, as far as they refuse; each pool has its own accounts. */
export function sharedCapsOf(
  plans: readonly Plan[],
  loginOf: (esp: string) => string = (esp) => esp,
): SharedCap[] {
  return plans.flatMap(({ namespace, pool, sharedLimits, mailboxes, esps }) => {
    const accounts = [...mailboxes.map(({ address }) => address), ...esps.map(({ name }) => loginOf(name))];
    return sharedLimits
      .filter(({ guard }) => guard === undefined || guard.mode === 'Refuse')
      .flatMap((shared) =>
        shared.limits.map((limit) => ({
          name: `${namespace}/${pool} ${sharedLimitName(shared)} per ${limit.name}`,
          recipients: limit.recipients,
          windowMs: limit.windowMs,
          accounts,
          ...(shared.recipientDomains.length === 0 ? {} : { domains: shared.recipientDomains }),
          ...(shared.senderDomain === '' ? {} : { senderDomain: shared.senderDomain }),
        })),
      );
  });
}
