import { describe, expect, it } from 'vitest';
import { expectedLedger, foreignLedger } from '../../../../controller/operator/objects/expected-ledger.ts';
import type { LiveDeployment } from '../../../../controller/operator/objects/live-objects.ts';

const live = (value?: string): LiveDeployment => {
  const env = [{ name: 'REDIS_URL' }, ...(value === undefined ? [] : [{ name: 'MAILERS_LEDGER_ID', value }])];
  return { metadata: { name: 'pool-sender' }, spec: { template: { spec: { containers: [{ env }] } } } };
};

describe('the ledger that pods expect', () => {
  const now = { id: 'now', replaces: ['r0', 'r1', 'r2', 'r3', 'r4', 'r5'] };

  it.each([
    ['is this one for new pods', undefined, 'now'],
    ['is this one for pods that expect none', live(), 'now'],
    ['stays what it was after a confirmed loss, so that no pod is replaced', live('r0'), 'r0'],
    ['is renewed before it would be forgotten', live('r5'), 'now'],
    ['stays what it was while that is nothing that this ledger replaces', live('stranger'), 'stranger'],
  ])('%s', (_, deployment, expected) => {
    expect(expectedLedger(deployment, now)).toBe(expected);
  });

  it('is foreign when it is neither this one nor replaced by it', () => {
    expect(foreignLedger([live(), live('now'), live('r5')], now)).toBeUndefined();
    expect(foreignLedger([live('now'), live('stranger')], now)).toBe('stranger');
    expect(foreignLedger([{ metadata: { name: 'bare' } }], now)).toBeUndefined();
  });
});
