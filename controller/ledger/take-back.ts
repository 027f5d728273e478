import { LOST_ATTEMPT } from '../domain/lost-attempt.ts';
import type { SenderKey, UncertainMessage } from '../domain/ports/queue-ledger.ts';
import { constraintOf } from './keys.ts';
import { list, number, text } from './reply.ts';
import { ATTEMPTS_KEPT } from './settlement.ts';
import type { Store } from './store.ts';

/** Which claims of a sender are taken away: all of a dead one, or those that a living one does not hold. */
export interface TakeBackRequest {
  readonly mode: 'recover' | 'reconcile';
  readonly held: readonly string[];
}

/**
 * Takes claims away; answers those that became Uncertain. The script needs the keys of every class and campaign in advance, so the claims
 * are read first and the script says whether others came in between.
 */
export async function takeBack(
  store: Store,
  sender: SenderKey,
  request: TakeBackRequest,
): Promise<UncertainMessage[]> {
  const uncertain: UncertainMessage[] = [];
  for (let left = 1; left > 0;) {
    const { classes, campaigns } = await touchedBy(store, sender);
    const { keys } = store;
    const pool = keys.pool(sender);
    const reply = await store.runGuarded(
      'queue-take-back',
      pool.plan,
      [
        pool.plan,
        pool.campaigns,
        pool.senders,
        pool.evicted,
        keys.claims(sender),
        pool.waiting,
        pool.schedule,
        pool.uncertain,
        pool.routes,
        pool.attempts,
        ...classes.map((name) => keys.due(sender, constraintOf(name))),
        ...campaigns.map((campaign) => keys.campaign({ ...sender, campaign }).outcomes),
      ],
      [
        request.mode,
        sender.senderId,
        ATTEMPTS_KEPT,
        JSON.stringify({ ...LOST_ATTEMPT, namespace: sender.namespace, pool: sender.pool }),
        classes.length,
        ...classes,
        campaigns.length,
        ...campaigns,
        ...request.held,
      ],
    );
    const [remaining, ...taken] = list(reply);
    left = number(remaining);
    uncertain.push(...taken.map(uncertainOf));
  }
  return uncertain;
}

async function touchedBy(
  store: Store,
  sender: SenderKey,
): Promise<{ classes: string[]; campaigns: string[] }> {
  const claims = await store.ask((client) => client.hgetall(store.keys.claims(sender)));
  // What was noted by `begin` names neither.
  const held = Object.entries(claims).filter(([field]) => !field.startsWith('w:'));
  const parts = held.map(([, claim]) => claim.split('\t'));
  return {
    classes: [...new Set(parts.map((part) => part[5] ?? 'any'))],
    campaigns: [...new Set(parts.map((part) => part[0] ?? ''))],
  };
}

function uncertainOf(reply: unknown): UncertainMessage {
  const [campaign, step, row, route, messageId, attempts, began, keyed] = list(reply);
  return {
    key: { campaign: text(campaign), step: number(step), row: number(row) },
    route: text(route),
    messageId: text(messageId),
    attempts: number(attempts),
    beganMs: number(began),
    ...(keyed !== '' && { keyedMs: number(keyed) }),
  };
}
