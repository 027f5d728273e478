import { describe, expect, it } from 'vitest';
import {
  asRepeat,
  endOfClaim,
  idempotencyKey,
  keyedFor,
  mayBeSent,
} from '../../../controller/domain/repeat.ts';

const HOUR_MS = 3_600_000;
const keyed = keyedFor({ header: 'X-Key', ttlMs: 24 * HOUR_MS }, 1_000);

describe('a message with an idempotency key', () => {
  it('has one where the route has such keys', () => {
    expect(keyed).toEqual({
      header: 'X-Key',
      keyedMs: 1_000,
      forgottenFromMs: 23 * HOUR_MS + 50 * 60_000 + 1_000,
    });
    expect(keyedFor(undefined, 1_000)).toBeUndefined();
  });

  it('has the same one for every attempt, and no other message has it', () => {
    expect(idempotencyKey('a@mail.example')).toBe(idempotencyKey('a@mail.example'));
    expect(idempotencyKey('a@mail.example')).not.toBe(idempotencyKey('a@other.example'));
    expect(idempotencyKey('a@mail.example')).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('a repeat', () => {
  const repeat = { repeatOf: { dateMs: 1_000, messageId: 'a1@mail.example' } };

  it('may be sent as long as the service certainly knows its key', () => {
    const untilMs = keyed?.forgottenFromMs ?? 0;
    expect(mayBeSent(repeat, keyed, untilMs - 1)).toBe(true);
    expect(mayBeSent(repeat, keyed, untilMs)).toBe(false);
    expect(mayBeSent(repeat, undefined, 1_000)).toBe(false);
    expect(mayBeSent({}, undefined, 1_000)).toBe(true);
  });

  it.each([
    ['Delivered', 'Delivered'],
    ['Failed', 'Uncertain'],
    ['Suppressed', 'Uncertain'],
  ] as const)('that ended as %s leaves its message %s', (outcome, end) => {
    expect(endOfClaim(repeat, outcome)).toBe(end);
    expect(endOfClaim({}, outcome)).toBe(outcome);
  });

  it('stays one in the queue', () => {
    expect(asRepeat({ ...repeat })).toEqual(repeat);
    expect(asRepeat({})).toEqual({});
  });
});
