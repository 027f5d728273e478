import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../controller/api/plan.ts';
import { TemplateCache } from '../../../controller/domain/message/compiled-template.ts';
import type { Delivery, DeliveryContext } from '../../../controller/sender/delivery-context.ts';
import { ConnectTurns } from '../../../controller/sender/connect-turns.ts';
import { Lane } from '../../../controller/sender/lane.ts';
import { prepareMessage } from '../../../controller/sender/message-preparation.ts';
import { aPlan, aPlanCampaign, aPlanMailbox } from '../../builders/plan.ts';
import { aClaim } from '../../builders/queue.ts';

const SIGNED = {
  baseUrl: 'https://example.com/u',
  signingKey: { name: 'links', key: 'signingKey' },
};

/** Prepares the first message of the campaign by this plan. */
function prepared(plan: Plan, signingKey?: string) {
  const row = { row: 0, key: 'r0@example.com', address: 'r0@example.com', values: {} };
  const context: Pick<DeliveryContext, 'plan' | 'audience' | 'signingKey' | 'templates' | 'ledgerClock'> = {
    plan: () => plan,
    audience: { row: () => Promise.resolve(row) } as unknown as DeliveryContext['audience'],
    signingKey: () => Promise.resolve(signingKey),
    templates: new TemplateCache(),
    ledgerClock: { now: () => 0 } as unknown as DeliveryContext['ledgerClock'],
  };
  const lane = new Lane(aPlanMailbox(), 1, {
    open: () => Promise.reject(new Error('nothing is opened here')),
    turns: new ConnectTurns(),
  });
  const delivery: Delivery = { lane, claim: aClaim(), overflow: '' };
  return prepareMessage(context as DeliveryContext, delivery);
}

describe('a message in the hands of a sender', () => {
  it('is made by the plan', async () => {
    expect(await prepared(aPlan())).toMatchObject({
      kind: 'Ready',
      message: { recipient: 'r0@example.com' },
    });
  });

  it('waits when its campaign was blocked meanwhile, whatever the plan still says of its steps', async () => {
    const blocked = { reason: 'TemplateNotFound', message: 'gone' } as const;
    const plan = aPlan({ campaigns: [aPlanCampaign({ steps: [], blocked })] });
    expect(await prepared(plan)).toEqual({ kind: 'Paused' });
  });

  it('is cancelled when its campaign is no longer declared', async () => {
    expect(await prepared(aPlan({ campaigns: [] }))).toMatchObject({ kind: 'Ended', outcome: 'Cancelled' });
  });

  it('waits with its lane for the key that signs unsubscribe links, and names it', async () => {
    const plan = aPlan({ unsubscribe: SIGNED });
    const answer = await prepared(plan);
    expect(answer).toMatchObject({ kind: 'Missing', reason: 'SecretKeyNotFound' });
    expect(answer).toHaveProperty(
      'problem',
      expect.stringMatching(/^Secret links in namespace .* signingKey/),
    );
    expect(await prepared(plan, 'a key of the tests, 32 letters or so')).toMatchObject({ kind: 'Ready' });
  });
});
