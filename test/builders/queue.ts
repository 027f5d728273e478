import type { Claim, ClaimDemand, MessageKey } from '../../controller/domain/ports/queue-ledger.ts';

/** Row 0, step 0 of the campaign spring. */
function aMessageKey(overrides: Partial<MessageKey> = {}): MessageKey {
  return { campaign: 'spring', step: 0, row: 0, ...overrides };
}

/** A fresh message that may go anywhere. */
export function aClaim(overrides: Partial<Claim> = {}): Claim {
  return {
    key: aMessageKey(),
    token: 'token-1',
    attempts: 0,
    constraint: { kind: 'Any' },
    overflow: '',
    ...overrides,
  };
}

/** Room for 10 messages that may go anywhere, from the campaign spring. */
export function aClaimDemand(overrides: Partial<ClaimDemand> = {}): ClaimDemand {
  return { routes: {}, esp: 0, any: 10, campaigns: ['spring'], ...overrides };
}
