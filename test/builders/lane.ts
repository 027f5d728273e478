import type { LaneView, Routing } from '../../controller/domain/routing/lane-view.ts';

/** A mailbox lane of this sender that could take one message now. */
export function aMailboxLane(name = 'anna', overrides: Partial<LaneView> = {}): LaneView {
  return {
    route: `mailbox/${name}`,
    kind: 'Mailbox',
    isOwned: true,
    freeSlots: 1,
    reason: 'Connected',
    message: '',
    weight: 1,
    usedShare: 0,
    ...overrides,
  };
}

/** An ESP lane of this sender that could take five messages now. */
export function anEspLane(name = 'relay', overrides: Partial<LaneView> = {}): LaneView {
  return { ...aMailboxLane(name), route: `esp/${name}`, kind: 'ESP', freeSlots: 5, ...overrides };
}

/** Mailboxes first; ESPs when every mailbox is out of quota or unavailable. */
export function aRouting(overrides: Partial<Routing> = {}): Routing {
  return {
    prefer: 'Mailboxes',
    overflow: 'ESP',
    overflowReasons: ['QuotaExhausted', 'Unavailable'],
    ...overrides,
  };
}
