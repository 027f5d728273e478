import type { RememberedClaim, SettleRequest } from './ports/queue-ledger.ts';

/** Where a ledger that may have lost its last writes has a message, seen from a sender that remembers a claim on it. */
export type RestatedPlace =
  | { readonly kind: 'Fresh' }
  /** A later step of a sequence that the ledger never heard of. */
  | { readonly kind: 'Absent' }
  | { readonly kind: 'Waiting'; readonly attempts: number }
  /** By another claim; `isLater`: one that was handed out after the remembered one. */
  | { readonly kind: 'Held'; readonly isLater: boolean; readonly isOnWire: boolean }
  | { readonly kind: 'Uncertain'; readonly isLater: boolean }
  | { readonly kind: 'Ended' }
  | { readonly kind: 'Cancelled' };

/**
 * Whether what a sender remembers of a message holds (Restated), or the message has gone on since (Overtaken). `Elsewhere`: it holds, but
 * another sender has the message on the wire by a later claim. What came back untried is as good where the ledger has it.
 */
export function restatementOf(
  remembered: RememberedClaim,
  place: RestatedPlace,
): 'Restated' | 'Overtaken' | 'Elsewhere' {
  const end = endOf(remembered);
  if (end === 'Returned') return 'Overtaken';
  if (place.kind === 'Held' && place.isLater && end !== 'Deferred')
    return place.isOnWire ? 'Elsewhere' : 'Restated';
  return hasGoneOn(remembered, place) ? 'Overtaken' : 'Restated';
}

function hasGoneOn(remembered: RememberedClaim, place: RestatedPlace): boolean {
  switch (place.kind) {
    case 'Fresh':
    case 'Absent':
      return false;
    case 'Waiting':
      return place.attempts > remembered.claim.attempts;
    case 'Held':
    case 'Uncertain':
      return place.isLater;
    case 'Cancelled':
      return ['Untried', 'Deferred'].includes(endOf(remembered));
    case 'Ended':
      return true;
  }
}

/** How a remembered claim ended, as far as that matters for its message. Begun: it may be with the provider. */
export function endOf({ ended }: RememberedClaim): 'Begun' | 'Returned' | 'Deferred' | 'Untried' | 'Tried' {
  if (ended === undefined) return 'Begun';
  const { settlement } = ended.request;
  if (settlement.kind === 'Deferred') return 'Deferred';
  if (settlement.kind !== 'Terminal') return 'Returned';
  return settlement.outcome === 'Suppressed' || settlement.outcome === 'Cancelled' ? 'Untried' : 'Tried';
}

/** The settlement as it must be told when so much time has passed since. */
export function agedSettlement({ request, ageMs }: NonNullable<RememberedClaim['ended']>): SettleRequest {
  const left = (dueInMs: number): number => Math.max(0, Math.round(dueInMs - ageMs));
  const { settlement, followUp } = request;
  return {
    ...request,
    settlement:
      settlement.kind === 'Terminal' ? settlement : { ...settlement, dueInMs: left(settlement.dueInMs) },
    ...(followUp !== undefined && { followUp: { ...followUp, dueInMs: left(followUp.dueInMs) } }),
  };
}

/** The number of a claim token, which grows from claim to claim in a pool; 0 for no token. */
export function numberOfToken(token: string): number {
  return Number(/\d+$/.exec(token)?.[0] ?? 0);
}
