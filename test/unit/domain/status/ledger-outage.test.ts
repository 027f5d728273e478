import { describe, expect, it } from 'vitest';
import { ledgerOutage } from '../../../../controller/domain/status/ledger-outage.ts';

describe('an outage of the ledger', () => {
  it('is one that cannot be reached, or is lost', () => {
    expect(ledgerOutage(undefined)?.reason).toBe('LedgerUnavailable');
    const lost = { reason: 'LedgerLost', message: 'confirm the loss' } as const;
    expect(ledgerOutage(lost)).toEqual(lost);
  });

  it('is none while it can be read, however well it is kept', () => {
    expect(ledgerOutage({ reason: 'LedgerDurable', message: '' })).toBeUndefined();
    expect(ledgerOutage({ reason: 'LedgerEvicts', message: 'maxmemory-policy' })).toBeUndefined();
  });
});
