import { describe, expect, it } from 'vitest';
import { aWireTransaction } from '../../builders/wire.ts';
import { recipients as audience } from '../../chaos/audience.ts';
import { explainUncertain } from '../../chaos/explain-uncertain.ts';
import type { InjectedFault } from '../../chaos/journal.ts';

const [RECIPIENT = ''] = audience(1);
const MESSAGE = {
  key: { campaign: 'spring', step: 0, row: 0 },
  route: 'mailbox/anna',
  messageId: 'm1@example.com',
  attempts: 0,
  beganMs: 50_000,
};
const seen = aWireTransaction({
  rcpts: [RECIPIENT],
  messageId: 'm1@example.com',
  timeMs: 50_010,
  endMs: 50_100,
});

function causes(faults: readonly Partial<InjectedFault>[], rule?: 'DisconnectAfterDot' | 'Unknown') {
  const recipients = rule && [{ match: { address: RECIPIENT }, behaviour: rule }];
  const { counts, unexplained } = explainUncertain([MESSAGE], {
    wireLog: [seen],
    faults: faults.map((fault) => ({
      kind: 'SenderKilled',
      fromMs: 50_100,
      toMs: 50_110,
      what: '',
      ...fault,
    })),
    sandbox: recipients ? { recipients } : {},
  });
  return unexplained.length > 0 ? 'nothing' : Object.keys(counts).join();
}

describe('an Uncertain message', () => {
  it.each<[string, readonly Partial<InjectedFault>[], 'DisconnectAfterDot' | 'Unknown' | undefined]>([
    ['nothing', [], undefined],
    ['nothing', [], 'Unknown'],
    ['Scripted', [], 'DisconnectAfterDot'],
    ['SenderKilled', [{}], undefined],
    ['nothing', [{ fromMs: 60_000, toMs: 60_010 }], undefined],
    ['nothing', [{ kind: 'RedisKilled' }], undefined],
    ['Provider', [{ kind: 'Provider', account: seen.account }], undefined],
    ['nothing', [{ kind: 'Provider', account: 'somebody@example.com' }], undefined],
    [
      'SenderKilled',
      [
        { kind: 'RedisStalled', fromMs: 50_050, toMs: 54_000 },
        { fromMs: 55_000, toMs: 55_010 },
      ],
      undefined,
    ],
  ])('is explained by %s', (cause, faults, rule) => {
    expect(causes(faults, rule)).toBe(cause);
  });
});
