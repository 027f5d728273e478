import { describe, expect, it } from 'vitest';
import type { BeginRequest, SettleRequest } from '../../../../controller/domain/ports/queue-ledger.ts';
import { ClaimTail } from '../../../../controller/ledger/tail/claim-tail.ts';
import { Recent, TAIL_MS, type TailTimes } from '../../../../controller/ledger/tail/recent.ts';
import { ReservationTail } from '../../../../controller/ledger/tail/reservation-tail.ts';
import { aClaim } from '../../../builders/queue.ts';

const SENDER = { namespace: 'mail', pool: 'outreach', senderId: 's1' };

function begin(token: string): BeginRequest {
  const attempt = { recipient: 'r@example.net', provider: 'Gmail', account: 'anna', overflow: '' } as const;
  return { claim: aClaim({ token }), route: 'mailbox/anna', laneFence: 1, messageId: 'm', attempt };
}

function delivery(token: string): SettleRequest {
  return { claim: aClaim({ token }), settlement: { kind: 'Terminal', outcome: 'Delivered' } };
}

/** Times that a test moves; the ledger is seen all the time, unless it says otherwise. */
function movable() {
  const clock = { nowMs: 0, seenAtMs: Infinity };
  const times: TailTimes = {
    nowMs: () => clock.nowMs,
    seenAtMs: () => Math.min(clock.nowMs, clock.seenAtMs),
  };
  return { clock, times };
}

describe('what happened lately', () => {
  it('is forgotten once the ledger was seen so much later', () => {
    const { clock, times } = movable();
    const recent = new Recent<string>(times);
    recent.add('old');
    clock.nowMs = TAIL_MS;
    recent.add('new');
    expect(recent.items.map(({ item }) => item)).toEqual(['old', 'new']);
    clock.nowMs += 1;
    expect(recent.items).toEqual([{ item: 'new', atMs: TAIL_MS }]);
  });

  it('is remembered for as long as the ledger is away, whatever comes to it', () => {
    const { clock, times } = movable();
    const recent = new Recent<string>(times);
    recent.add('before');
    Object.assign(clock, { nowMs: TAIL_MS * 10, seenAtMs: 1_000 });
    recent.add('meanwhile');
    expect(recent.items.map(({ item }) => item)).toEqual(['before', 'meanwhile']);
    clock.seenAtMs = Infinity;
    expect(recent.items.map(({ item }) => item)).toEqual(['meanwhile']);
  });

  it('keeps its order over many items', () => {
    const { clock, times } = movable();
    const recent = new Recent<number>(times);
    for (let item = 0; item < 30_000; item += 1) {
      clock.nowMs += 1;
      recent.add(item);
    }
    const { items } = recent;
    expect([items.length, items[0]?.item, items.at(-1)?.item]).toEqual([
      TAIL_MS + 1,
      30_000 - TAIL_MS - 1,
      29_999,
    ]);
    recent.clear();
    expect(recent.items).toEqual([]);
  });
});

describe('the tail of a sender', () => {
  const tail = () => {
    const { clock, times } = movable();
    return { clock, claims: new ClaimTail(times) };
  };
  const told = (claims: ClaimTail) => claims.told()[0]?.restatement;

  it('holds what is on the wire, however old, and what ended within the last moments', () => {
    const { clock, claims } = tail();
    claims.claimed(SENDER, [aClaim({ token: 's1.1' }), aClaim({ token: 's1.3' })]);
    claims.claimed(SENDER, []);
    claims.began(SENDER, begin('s1.1'));
    claims.began(SENDER, begin('s1.2'));
    clock.nowMs = 60_000;
    claims.settled(SENDER, delivery('s1.2'));
    clock.nowMs += 500;
    expect(told(claims)).toMatchObject({
      lastToken: 's1.3',
      claims: [
        { claim: { token: 's1.2' }, begun: { ageMs: 60_500 }, ended: { ageMs: 500 } },
        { claim: { token: 's1.1' }, begun: { ageMs: 60_500 } },
      ],
    });
    clock.nowMs += TAIL_MS;
    expect(told(claims)?.claims).toHaveLength(1);
  });

  it('holds no claim that was taken away, or that the sender does not know', () => {
    const { claims } = tail();
    for (const token of ['s1.1', 's1.2', 's1.3']) claims.began(SENDER, begin(token));
    claims.lost(SENDER, aClaim({ token: 's1.1' }));
    claims.holdsOnly(SENDER, ['s1.3', 's1.9']);
    expect(told(claims)?.claims.map(({ claim }) => claim.token)).toEqual(['s1.3']);
    claims.clear();
    expect(claims.told()).toEqual([]);
  });
});

describe('the reservations of a process', () => {
  it('are told by subject, with those that were given back', () => {
    const { clock, times } = movable();
    const tail = new ReservationTail(times);
    const reservation = (subject: string, token: string) => ({ subject, recipients: 1, token });
    const [first, second, other] = [reservation('a', '1'), reservation('a', '2'), reservation('b', '1')];
    tail.granted(first, 10);
    clock.nowMs = 100;
    tail.granted(second, 30);
    tail.granted(other, 20);
    tail.released(first);
    expect(tail.told()).toEqual([
      {
        subject: 'a',
        nextAtMs: 30,
        reservations: [
          { reservation: first, isReleased: true },
          { reservation: second, isReleased: false },
        ],
      },
      { subject: 'b', nextAtMs: 20, reservations: [{ reservation: other, isReleased: false }] },
    ]);
    clock.nowMs += TAIL_MS;
    expect(tail.told().map(({ reservations }) => reservations.length)).toEqual([1, 1]);
    tail.clear();
    expect(tail.told()).toEqual([]);
  });
});
