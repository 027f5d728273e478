import { describe, expect, it } from 'vitest';
import { claimDemand } from '../../../../controller/domain/routing/claim-demand.ts';
import { chooseRoute } from '../../../../controller/domain/routing/choose-route.ts';
import type { LaneView } from '../../../../controller/domain/routing/lane-view.ts';
import { aMailboxLane, anEspLane, aRouting } from '../../../builders/lane.ts';

const campaigns = ['spring', 'summer'];
const exhausted = { reason: 'QuotaExhausted' } as const;

function demand(lanes: readonly LaneView[], routing = aRouting(), turn = 0) {
  return claimDemand({ lanes, routing, campaigns, turn });
}

describe('what a sender asks of the queue', () => {
  it('is nothing while none of its lanes can take a message', () => {
    expect(demand([])).toBeUndefined();
    expect(
      demand([
        aMailboxLane('anna', exhausted),
        aMailboxLane('ben', { isOwned: false, freeSlots: 0 }),
        anEspLane('relay', { freeSlots: 0 }),
        anEspLane('backup', { reason: 'Pacing' }),
      ]),
    ).toBeUndefined();
  });

  it('is no more than a few hundred at once, however many lanes could take one', () => {
    const lanes = Array.from({ length: 2_000 }, (_, index) => aMailboxLane(`m${index}`, { freeSlots: 2 }));
    expect(demand(lanes)).toMatchObject({ any: 200 });
    expect(demand([anEspLane('relay', { freeSlots: 1_000 })])).toMatchObject({ esp: 200, any: 200 });
  });

  it('is what is bound to some hundred lanes at once, to others with each call', () => {
    const lanes = Array.from({ length: 1_200 }, (_, index) => aMailboxLane(`m${index}`));
    const asked = [0, 1, 2, 3].map((turn) => Object.keys(demand(lanes, aRouting(), turn)?.routes ?? {}));
    expect(asked.map(({ length }) => length)).toEqual([500, 500, 200, 500]);
    expect(new Set(asked.flat())).toEqual(new Set(lanes.map(({ route }) => route)));
    expect(asked[3]).toEqual(asked[0]);
  });

  it('is what its mailboxes can take, and ESP messages for its ESPs', () => {
    const lanes = [
      aMailboxLane('anna', { freeSlots: 2 }),
      aMailboxLane('ben'),
      aMailboxLane('cleo', exhausted),
      anEspLane('relay'),
    ];
    expect(demand(lanes)).toEqual({
      routes: { 'mailbox/anna': 2, 'mailbox/ben': 1, 'esp/relay': 5 },
      esp: 5,
      any: 3,
      campaigns,
    });
  });

  it('is nothing for anywhere while another sender’s mailbox still takes messages', () => {
    const lanes = [aMailboxLane('anna', { isOwned: false, freeSlots: 0 }), anEspLane()];
    expect(demand(lanes)).toMatchObject({ any: 0, esp: 5 });
  });

  it('includes the ESPs once all mailboxes are out', () => {
    expect(demand([aMailboxLane('anna', exhausted), anEspLane()])).toMatchObject({ any: 5, esp: 5 });
  });

  it('leaves the ESPs to bound messages in a pool that holds', () => {
    const lanes = [aMailboxLane('anna', exhausted), anEspLane()];
    expect(demand(lanes, aRouting({ overflow: 'Hold' }))).toMatchObject({ any: 0, esp: 5 });
  });

  it('asks an ESP of weight 0 only for what is bound to it', () => {
    expect(demand([aMailboxLane(), anEspLane('relay'), anEspLane('old', { weight: 0 })])).toMatchObject({
      routes: { 'esp/old': 5 },
      esp: 5,
    });
  });

  it('fetches messages that wait for an ESP in a pool that has none any more', () => {
    expect(demand([aMailboxLane()])).toMatchObject({ esp: 10, any: 1 });
  });

  it('never asks for a free message that would find no route', () => {
    const states: Partial<LaneView>[] = [
      {},
      exhausted,
      { reason: 'PolicyBlocked' },
      { isOwned: false, freeSlots: 0 },
    ];
    for (const mailbox of states) {
      for (const esp of states) {
        for (const prefer of ['Mailboxes', 'ESPs'] as const) {
          const lanes = [aMailboxLane('anna', mailbox), anEspLane('relay', esp)];
          const routing = aRouting({ prefer });
          const choice = chooseRoute({ constraint: { kind: 'Any' }, lanes, routing, random: () => 0 });
          expect((demand(lanes, routing)?.any ?? 0) > 0).toBe(choice.kind === 'Use');
        }
      }
    }
  });
});
