import type { AudienceRow } from '../domain/ports/audience-ledger.ts';
import { LedgerUnavailable } from '../domain/ports/ledger.ts';
import type { OutgoingMessage, RouteConnection } from '../domain/ports/route.ts';
import type { Keyed } from '../domain/repeat.ts';
import {
  concludeAttempt,
  concludeRefusedConnection,
  concludeWithout,
  returnClaim,
  waitForLimit,
} from './conclusion.ts';
import type { Delivery, DeliveryContext, DeliveryEnd } from './delivery-context.ts';
import { passGate, type GateAnswer } from './gate.ts';
import { prepareMessage } from './message-preparation.ts';

/** How long a message of a blocked campaign stays away, milliseconds; once the ledger knows of the block, it is not handed out at all. */
const PAUSED_RETURN_MS = 1_000;

/**
 * Hands one claimed message to one lane: prepare, connect, pass the gate, transmit, conclude. The lane's slot is occupied by the
 * caller. Every path ends in exactly one settle, or in Reroute with the claim still held.
 */
export async function deliver(context: DeliveryContext, delivery: Delivery): Promise<DeliveryEnd> {
  try {
    return await prepareAndSend(context, delivery);
  } catch (error) {
    // Nothing was sent: an error after the wire is handled where it happens. The message goes back, the ledger decides when.
    if (!(error instanceof LedgerUnavailable)) throw error;
    context.onOutage(error);
    await returnClaim(context, delivery.claim, 0);
    return 'Settled';
  }
}

async function prepareAndSend(context: DeliveryContext, delivery: Delivery): Promise<DeliveryEnd> {
  const prepared = await prepareMessage(context, delivery);
  switch (prepared.kind) {
    case 'Ended':
      return concludeWithout(context, delivery, prepared);
    case 'Paused':
      await returnClaim(context, delivery.claim, PAUSED_RETURN_MS);
      return 'Settled';
    case 'Missing':
      delivery.lane.hold({ reason: prepared.reason, message: prepared.problem });
      return 'Reroute';
    case 'Ready': {
      const { row, message } = prepared;
      const hold = context.shared.holdOf({ from: message.envelopeFrom, recipient: row.address });
      return hold ? waitForLimit(context, delivery, hold) : connectAndSend(context, delivery, prepared);
    }
  }
}

interface PreparedMessage {
  readonly row: AudienceRow;
  readonly message: OutgoingMessage;
  readonly keyed: Keyed | undefined;
}

async function connectAndSend(
  context: DeliveryContext,
  delivery: Delivery,
  prepared: PreparedMessage,
): Promise<DeliveryEnd> {
  const { lane } = delivery;
  const startedMs = context.ledgerClock.now();
  const taken = await lane.take();
  if (taken.kind === 'Missing') {
    lane.hold({ reason: taken.reason, message: taken.message });
    return 'Reroute';
  }
  if (taken.kind === 'Refused') {
    return concludeRefusedConnection(context, delivery, { ...prepared, reply: taken.reply, startedMs });
  }
  try {
    return await sendOver(context, delivery, { ...prepared, connection: taken.connection, startedMs });
  } finally {
    await lane.giveBack(taken.connection);
  }
}

async function sendOver(
  context: DeliveryContext,
  delivery: Delivery,
  ready: PreparedMessage & { readonly connection: RouteConnection; readonly startedMs: number },
): Promise<DeliveryEnd> {
  const { claim, lane, overflow } = delivery;
  const { row, message, keyed } = ready;
  const { messageId, envelopeFrom: from } = message;
  const atGate = { claim, row, from, messageId, overflow, keyed };
  let gate = await passGate(context, lane, atGate);
  // The suppression answer grew old (a stalled process, a slow ledger): ask again rather than send on it.
  while (gate.kind === 'Open' && !gate.isFresh()) {
    await context.shared.release(gate.reservations);
    gate = await passGate(context, lane, atGate);
  }
  if (gate.kind !== 'Open') return endAtGate(context, delivery, gate);
  lane.noteSent(context.clock);
  const reply = await ready.connection.send(message);
  return concludeAttempt(context, delivery, { ...ready, reply, reservations: gate.reservations });
}

async function endAtGate(
  context: DeliveryContext,
  delivery: Delivery,
  gate: Exclude<GateAnswer, { kind: 'Open' }>,
): Promise<DeliveryEnd> {
  switch (gate.kind) {
    case 'Held':
      return 'Reroute';
    case 'Limited':
      return waitForLimit(context, delivery, gate.hold);
    case 'Suppressed':
      return concludeWithout(context, delivery, { outcome: 'Suppressed' });
    case 'KeyForgotten':
      return concludeWithout(context, delivery, {
        outcome: 'Uncertain',
        problem: 'the provider no longer knows its idempotency key: a repeat could arrive twice',
      });
    case 'Paused':
    case 'LaneLost':
      await returnClaim(context, delivery.claim, 0);
      return 'Settled';
    case 'Fenced':
      // Somebody else owns the message now; it is not ours to settle.
      context.log.warn({ message: delivery.claim.key }, 'Claim was taken away');
      return 'Settled';
  }
}
