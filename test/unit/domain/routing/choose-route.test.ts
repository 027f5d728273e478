import { describe, expect, it } from 'vitest';
import { OVERFLOW_REASONS } from '../../../../controller/api/sending-pool.ts';
import { REASONS, type Reason } from '../../../../controller/api/reasons.ts';
import { chooseRoute, type RouteQuestion } from '../../../../controller/domain/routing/choose-route.ts';
import type { LaneView } from '../../../../controller/domain/routing/lane-view.ts';
import { aMailboxLane, anEspLane, aRouting } from '../../../builders/lane.ts';

function choose(lanes: readonly LaneView[], change: Partial<RouteQuestion> = {}) {
  return chooseRoute({ constraint: { kind: 'Any' }, routing: aRouting(), lanes, random: () => 0, ...change });
}

const exhausted = { reason: 'QuotaExhausted', untilMs: 5000, message: 'used up' } as const;
const anywhere = aRouting({ overflowReasons: [...OVERFLOW_REASONS] });

describe('a message that may go anywhere', () => {
  it('goes by a mailbox first', () => {
    expect(choose([anEspLane(), aMailboxLane()])).toEqual({
      kind: 'Use',
      route: 'mailbox/anna',
      overflow: '',
    });
  });

  it('goes by an ESP first when the pool prefers them', () => {
    const routing = aRouting({ prefer: 'ESPs' });
    expect(choose([aMailboxLane(), anEspLane()], { routing })).toEqual({
      kind: 'Use',
      route: 'esp/relay',
      overflow: '',
    });
  });

  it('goes by the least used mailbox', () => {
    const lanes = [
      aMailboxLane('anna', { usedShare: 0.5 }),
      aMailboxLane('ben', { usedShare: 0.2 }),
      aMailboxLane('cleo', { usedShare: 0.3 }),
    ];
    expect(choose(lanes)).toMatchObject({ route: 'mailbox/ben' });
  });

  it.each([
    [0, 'mailbox/anna'],
    [0.49, 'mailbox/anna'],
    [0.5, 'mailbox/ben'],
    [0.99, 'mailbox/ben'],
  ])('draws %d among the equally used: %s', (drawn, route) => {
    expect(choose([aMailboxLane('anna'), aMailboxLane('ben')], { random: () => drawn })).toMatchObject({
      route,
    });
  });

  it.each([
    [0, 'esp/relay'],
    [0.24, 'esp/relay'],
    [0.25, 'esp/backup'],
    [0.99, 'esp/backup'],
    // A generator that is wrong by a hair must not leave the message without a route.
    [1, 'esp/backup'],
  ])('draws %d among ESPs by their weight: %s', (drawn, route) => {
    const lanes = [anEspLane('relay', { weight: 1 }), anEspLane('backup', { weight: 3 })];
    expect(choose(lanes, { random: () => drawn })).toMatchObject({ route });
  });

  it('never goes by an ESP of weight 0', () => {
    expect(choose([aMailboxLane('anna', exhausted), anEspLane('relay', { weight: 0 })])).toMatchObject({
      kind: 'Wait',
      reason: 'QuotaExhausted',
    });
  });

  it.each([
    ['is busy', { freeSlots: 0 }],
    ['belongs to another sender', { isOwned: false, freeSlots: 0 }],
    ['waits for its interval', { reason: 'Pacing', untilMs: 1000 }],
  ] as const)('waits for the mailbox that %s rather than overflow', (_what, state) => {
    const lanes = [aMailboxLane('anna', exhausted), aMailboxLane('ben', state), anEspLane()];
    expect(choose(lanes)).toMatchObject({ kind: 'Wait', reason: 'Pacing' });
  });

  it('knows the end of waiting only when all present lanes pace', () => {
    const pacing = aMailboxLane('anna', { reason: 'Pacing', untilMs: 1000 });
    expect(choose([pacing, aMailboxLane('ben', { reason: 'Pacing', untilMs: 700 })])).toMatchObject({
      untilMs: 700,
    });
    expect(choose([pacing, aMailboxLane('ben', { freeSlots: 0 })])).not.toHaveProperty('untilMs');
  });

  it('waits without a route when the pool has none', () => {
    expect(choose([])).toEqual({
      kind: 'Wait',
      reason: 'NoRoute',
      message: 'the pool has no route for the message',
    });
  });
});

describe('overflow', () => {
  it('counts every mailbox of the pool, also those of other senders', () => {
    const foreign = aMailboxLane('ben', { isOwned: false, freeSlots: 0, ...exhausted });
    expect(choose([aMailboxLane('anna', exhausted), foreign, anEspLane()])).toEqual({
      kind: 'Use',
      route: 'esp/relay',
      overflow: 'QuotaExhausted',
    });
  });

  it.each<[Reason, string]>([
    ['QuotaExhausted', 'QuotaExhausted'],
    ['QuotaExceededAtProvider', 'QuotaExhausted'],
    ['WindowClosed', 'WindowClosed'],
    ['ConnectionFailed', 'Unavailable'],
    ['CredentialsInvalid', 'Unavailable'],
    ['TlsFailed', 'Unavailable'],
    ['ConfigurationRejected', 'Unavailable'],
    ['AccountDisabled', 'Unavailable'],
    ['SecretNotFound', 'Unavailable'],
    ['MailboxShared', 'Unavailable'],
    ['Suspended', 'Unavailable'],
  ])('takes %s for %s', (reason, overflow) => {
    const lanes = [aMailboxLane('anna', { reason }), anEspLane()];
    expect(choose(lanes, { routing: anywhere })).toMatchObject({ kind: 'Use', overflow });
    const others = OVERFLOW_REASONS.filter((listed) => listed !== overflow);
    expect(choose(lanes, { routing: aRouting({ overflowReasons: others }) })).toMatchObject({
      kind: 'Wait',
      reason,
    });
  });

  it.each<Reason>(['PolicyBlocked', 'SenderUnauthenticated'])('never happens for %s', (reason) => {
    const lanes = [aMailboxLane('anna', { reason }), aMailboxLane('ben', exhausted), anEspLane()];
    expect(choose(lanes, { routing: anywhere })).toMatchObject({ kind: 'Wait' });
  });

  it('has a place for every reason there is', () => {
    for (const reason of REASONS) {
      const choice = choose([aMailboxLane('anna', { reason, freeSlots: 0 }), anEspLane()], {
        routing: anywhere,
      });
      expect(['Use', 'Wait']).toContain(choice.kind);
    }
  });

  it.each([
    [['QuotaExhausted', 'WindowClosed', 'Suspended'], 'QuotaExhausted'],
    [['Suspended', 'WindowClosed'], 'WindowClosed'],
  ] as const)('of %j together is called %s', (reasons, overflow) => {
    const lanes = reasons.map((reason, index) => aMailboxLane(`m${index}`, { reason }));
    expect(choose([...lanes, anEspLane()], { routing: anywhere })).toMatchObject({ overflow });
  });

  it('does not happen when one of the mixed reasons is not listed', () => {
    const lanes = [
      aMailboxLane('anna', exhausted),
      aMailboxLane('ben', { reason: 'WindowClosed' }),
      anEspLane(),
    ];
    expect(choose(lanes)).toMatchObject({ kind: 'Wait' });
  });

  it('does not happen in a pool that holds', () => {
    const lanes = [aMailboxLane('anna', exhausted), anEspLane()];
    expect(choose(lanes, { routing: aRouting({ overflow: 'Hold' }) })).toEqual({
      kind: 'Wait',
      untilMs: 5000,
      reason: 'QuotaExhausted',
      message: 'mailbox/anna: used up',
    });
  });

  it('is no overflow when the pool has no mailbox', () => {
    for (const overflow of ['Hold', 'ESP'] as const) {
      expect(choose([anEspLane()], { routing: aRouting({ overflow }) })).toEqual({
        kind: 'Use',
        route: 'esp/relay',
        overflow: '',
      });
    }
  });

  it('goes to the mailboxes when the preferred ESPs are out', () => {
    const routing = aRouting({ prefer: 'ESPs', overflow: 'Hold' });
    expect(choose([aMailboxLane(), anEspLane('relay', exhausted)], { routing })).toEqual({
      kind: 'Use',
      route: 'mailbox/anna',
      overflow: 'QuotaExhausted',
    });
  });

  it('waits for a busy ESP, not until a mailbox is back', () => {
    const lanes = [aMailboxLane('anna', exhausted), anEspLane('relay', { freeSlots: 0 })];
    expect(choose(lanes)).toEqual({
      kind: 'Wait',
      reason: 'Pacing',
      message: 'the lanes are busy or wait for their interval',
    });
  });

  it('waits for whichever is back first when all are out', () => {
    const lanes = [
      aMailboxLane('anna', exhausted),
      aMailboxLane('ben', { reason: 'Suspended' }),
      anEspLane('relay', { reason: 'ConnectionFailed', untilMs: 900 }),
    ];
    expect(choose(lanes)).toEqual({
      kind: 'Wait',
      untilMs: 900,
      reason: 'ConnectionFailed',
      message: 'no lane can take it: 1 ConnectionFailed, 1 QuotaExhausted, 1 Suspended',
    });
  });

  it('says how many lanes are out and for what', () => {
    const lanes = [
      aMailboxLane('anna', { reason: 'Suspended' }),
      aMailboxLane('ben', { reason: 'Suspended' }),
    ];
    expect(choose(lanes)).toEqual({
      kind: 'Wait',
      reason: 'Suspended',
      message: 'no lane can take it: 2 Suspended',
    });
  });

  it('says it in general for a lane that does not say more', () => {
    expect(choose([aMailboxLane('anna', { reason: 'Suspended' })])).toMatchObject({
      message: 'no lane can take it: 1 Suspended',
    });
  });
});

describe('a message that is bound', () => {
  const toAnna = { constraint: { kind: 'Route', route: 'mailbox/anna' } } as const;
  const toEsp = { constraint: { kind: 'Esp' } } as const;

  it('to a route goes by that route', () => {
    expect(choose([aMailboxLane('ben'), aMailboxLane('anna')], toAnna)).toEqual({
      kind: 'Use',
      route: 'mailbox/anna',
      overflow: '',
    });
  });

  it('to a route waits for it, whatever else is free', () => {
    expect(choose([aMailboxLane('anna', exhausted), anEspLane()], toAnna)).toMatchObject({
      kind: 'Wait',
      untilMs: 5000,
      reason: 'QuotaExhausted',
    });
  });

  it('to a route is told when it is gone', () => {
    expect(choose([aMailboxLane('ben')], toAnna)).toEqual({
      kind: 'Gone',
      reason: 'NoRoute',
      message: 'mailbox/anna is no longer in the pool, or has no From address for the campaign',
    });
  });

  it('to ESPs goes by an ESP although mailboxes are free', () => {
    expect(choose([aMailboxLane(), anEspLane()], toEsp)).toMatchObject({ kind: 'Use', route: 'esp/relay' });
  });

  it('to ESPs is told when none is left', () => {
    expect(choose([aMailboxLane(), anEspLane('relay', { weight: 0 })], toEsp)).toMatchObject({
      kind: 'Gone',
    });
  });
});

describe('a route without a From for the message', () => {
  const hasSender = (route: string): boolean => route !== 'esp/relay';

  it('is no way out', () => {
    const lanes = [aMailboxLane('anna', exhausted), anEspLane('relay'), anEspLane('backup')];
    expect(choose(lanes, { hasSender })).toMatchObject({ kind: 'Use', route: 'esp/backup' });
    expect(choose([anEspLane('relay')], { hasSender })).toMatchObject({ kind: 'Wait', reason: 'NoRoute' });
  });
});
