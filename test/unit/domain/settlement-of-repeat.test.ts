import { describe, expect, it } from 'vitest';
import type { Classification } from '../../../controller/domain/policy/classification.ts';
import { decideSettlement, type EndedTry } from '../../../controller/domain/settlement.ts';
import { accepted, anEndedTry, broken, refusal } from '../../builders/ended-try.ts';

const DAY_MS = 86_400_000;

describe('the repeat of a message whose end is unknown', () => {
  const repeatOf = { dateMs: 10 * DAY_MS, messageId: 'a1@mail.example' };
  const repeat = (classification: Classification, change: Partial<EndedTry> = {}) =>
    decideSettlement(
      anEndedTry(classification, {
        route: 'esp/relay',
        routeKind: 'ESP',
        claim: {
          attempts: 1,
          firstAttemptMs: 10 * DAY_MS,
          constraint: { kind: 'Route', route: 'esp/relay' },
          overflow: 'QuotaExhausted',
          repeatOf,
        },
        ...change,
      }),
    );

  it('is Delivered when it was taken', () => {
    expect(repeat(accepted())).toMatchObject({ settlement: { kind: 'Terminal', outcome: 'Delivered' } });
  });

  it.each([
    ['put off', refusal('DATA 451 4.3.0 temporarily rejected')],
    ['refused', refusal('RCPT 550 5.1.1 does not exist')],
    ['refused for another reason', refusal('DATA 503 5.5.1 Bad sequence of commands')],
    ['cut off', broken('DOT', true)],
    ['cut off before its end', broken('DATA')],
  ])('is as Uncertain as before when it was %s', (_case, classification) => {
    expect(repeat(classification)).toMatchObject({ settlement: { kind: 'Terminal', outcome: 'Uncertain' } });
  });

  it('waits for its route again when it was not begun', () => {
    expect(repeat({ ...broken('CONN'), isBeforeMessage: true })).toMatchObject({
      settlement: { kind: 'Returned', constraint: { route: 'esp/relay' }, repeatOf },
    });
  });

  it('is as Uncertain as before when it waited too long for that', () => {
    const late = repeat({ ...broken('CONN'), isBeforeMessage: true }, { nowMs: 14 * DAY_MS });
    expect(late).toMatchObject({ settlement: { kind: 'Terminal', outcome: 'Uncertain' }, isExpired: true });
  });
});
