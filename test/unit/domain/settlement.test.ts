import { describe, expect, it } from 'vitest';
import type { Classification } from '../../../controller/domain/policy/classification.ts';
import type { Constraint } from '../../../controller/domain/ports/queue-ledger.ts';
import { decideSettlement, type EndedTry } from '../../../controller/domain/settlement.ts';
import { accepted, anEndedTry, broken, refusal } from '../../builders/ended-try.ts';
import { aRouting } from '../../builders/lane.ts';
import { projectPolicy } from '../../builders/policy.ts';

const DAY_MS = 86_400_000;
const any: Constraint = { kind: 'Any' };
const sameRoute: Constraint = { kind: 'Route', route: 'mailbox/anna' };

function decide(classification: Classification, change: Partial<EndedTry> = {}) {
  return decideSettlement(anEndedTry(classification, change));
}

const deferred = (dueInSeconds: number, constraint: Constraint, overflow = '') => ({
  kind: 'Deferred',
  dueInMs: dueInSeconds * 1000,
  constraint,
  overflow,
});
const ended = (outcome: string) => ({ kind: 'Terminal', outcome });

const quota = refusal('DATA 550 5.4.5 Daily user sending limit exceeded');
const noUser = refusal('RCPT 550 5.1.1 does not exist');
const tooQuick = refusal('RCPT 450 4.2.1 receiving mail too quickly');
const busy = refusal('DATA 451 4.3.0 temporarily rejected');
const unsolicited = refusal('DATA 421 4.7.0 an unusual rate of unsolicited mail');
const protocol = refusal('DATA 503 5.5.1 Bad sequence of commands');

describe('a message after its attempt', () => {
  it('is delivered when it was accepted', () => {
    expect(decide(accepted())).toEqual({ settlement: ended('Delivered'), isExpired: false });
  });

  it('is uncertain when its end is unknown, and the lane rests', () => {
    expect(decide(broken('DOT', true))).toMatchObject({
      settlement: ended('Uncertain'),
      laneHold: { reason: 'ConnectionFailed' },
    });
  });

  it('is suppressed when the provider holds the recipient back', () => {
    expect(decide({ ...noUser, class: 'suppressed' })).toMatchObject({ settlement: ended('Suppressed') });
  });

  it('fails for good when the recipient does not exist, and suppresses him', () => {
    expect(decide(noUser)).toEqual({ settlement: ended('Failed'), isExpired: false, suppress: 'hard' });
  });

  it.each([
    ['DATA 550 5.7.1 likely unsolicited mail'],
    ['DATA 552 5.7.0 potential security issue'],
    ['DATA 550 5.7.26 sender is unauthenticated'],
    ['MAIL 550 5.7.0 Mail Sending denied'],
    ['DATA 550 5.7.1 violates example.com email policy'],
  ])('fails, and nowhere else is tried, when the provider holds it against the sender: %s', (line) => {
    expect(decide(refusal(line))).toMatchObject({ settlement: ended('Failed'), isExpired: false });
  });
});

describe('a message that waits for its own route', () => {
  it('is bound to it when another route would be evasion', () => {
    expect(decide(unsolicited).settlement).toEqual(deferred(14_400, sameRoute));
  });

  it('is bound to it when the recipient is busy, and the lane goes on', () => {
    expect(decide(tooQuick)).toEqual({ settlement: deferred(1800, sameRoute), isExpired: false });
  });

  it.each([
    [0, 1800],
    [1, 3600],
    [9, 21_600],
  ])('waits by its schedule: after %d attempts %d s', (attempts, due) => {
    const claim = { attempts, constraint: any, overflow: '' };
    expect(decide(tooQuick, { claim }).settlement).toEqual(deferred(due, sameRoute));
  });

  it('does not go elsewhere for a class that only an idempotent route may repeat', () => {
    const found = decide({ ...busy, failover: 'onlyIfIdempotent' });
    expect(found.settlement).toEqual(deferred(300, sameRoute));
  });

  it('fails after as many attempts as the class allows', () => {
    const classification = { ...tooQuick, retry: { minSeconds: 1, max: 2 } };
    const after = (attempts: number) =>
      decide(classification, { claim: { attempts, constraint: any, overflow: '' } }).settlement.kind;
    expect([after(0), after(1)]).toEqual(['Deferred', 'Terminal']);
  });
});

describe('a message that met its mailbox’s limit', () => {
  const toEsp: Constraint = { kind: 'Esp' };

  it('leaves by an ESP at once and says why', () => {
    expect(decide(quota)).toMatchObject({
      settlement: deferred(0, toEsp, 'QuotaExhausted'),
      laneHold: { reason: 'QuotaExceededAtProvider' },
    });
  });

  it.each<[string, Partial<EndedTry>]>([
    ['the pool holds', { routing: aRouting({ overflow: 'Hold' }) }],
    ['the pool does not list it', { routing: aRouting({ overflowReasons: ['Unavailable'] }) }],
    ['the pool has no ESP', { hasEsp: false }],
  ])('waits for its mailbox when %s', (_why, change) => {
    expect(decide(quota, change).settlement).toEqual(deferred(3600, sameRoute));
  });

  it('looks for another ESP when it was an ESP’s, whatever the pool says of mailboxes', () => {
    const sesQuota = refusal('DATA 454 - Throttling failure: Daily message quota exceeded');
    const change = {
      route: 'esp/relay',
      routeKind: 'ESP',
      overflow: 'Unavailable',
      hasEsp: false,
      routing: aRouting({ overflow: 'Hold' }),
    } as const;
    expect(decide(sesQuota, change).settlement).toEqual(deferred(0, toEsp, 'Unavailable'));
  });
});

describe('a message that other routes may take', () => {
  it('goes at once when the route itself is the trouble', () => {
    expect(decide(broken('RCPT'))).toMatchObject({
      settlement: deferred(0, any),
      laneHold: { reason: 'ConnectionFailed' },
    });
  });

  it.each([
    [0, 0],
    [1, 0],
    [2, 60],
    [3, 120],
    [20, 14_400],
  ])('is suspected when it breaks one connection after another: after %d attempts %d s', (attempts, due) => {
    const claim = { attempts, constraint: any, overflow: '' };
    expect(decide(broken('RCPT'), { claim }).settlement).toEqual(deferred(due, any));
  });

  it('waits a while when every route is misconfigured for it', () => {
    const claim = { attempts: 2, constraint: any, overflow: '' };
    expect(decide(refusal('RCPT 550 5.7.0 Mail relay denied'), { claim }).settlement).toEqual(
      deferred(300, any),
    );
  });

  it('stays bound when an earlier refusal bound it', () => {
    const claim = { attempts: 1, constraint: sameRoute, overflow: '' };
    expect(decide(broken('RCPT'), { claim }).settlement).toEqual(deferred(0, sameRoute));
    expect(decide(busy, { claim }).settlement).toEqual(deferred(600, sameRoute));
  });

  it('waits by its schedule when the message is the trouble', () => {
    expect(decide(busy)).toEqual({ settlement: deferred(300, any), isExpired: false });
  });

  it('keeps in mind why it left its first choice', () => {
    const change = { overflow: 'QuotaExhausted', route: 'esp/relay', routeKind: 'ESP' } as const;
    expect(decide(busy, change).settlement).toEqual(deferred(300, any, 'QuotaExhausted'));
  });

  it.each<[string, Partial<EndedTry>, object]>([
    ['tries another route', {}, deferred(0, any)],
    ['fails when there is none', { hasOtherRoute: false }, ended('Failed')],
    [
      'fails when it is bound',
      { claim: { attempts: 0, constraint: sameRoute, overflow: '' } },
      ended('Failed'),
    ],
    ['fails at the third', { claim: { attempts: 2, constraint: any, overflow: '' } }, ended('Failed')],
  ])('and is refused for good by this one %s', (_what, change, settlement) => {
    expect(decide(protocol, change).settlement).toEqual(settlement);
  });
});

describe('a session that failed before the message', () => {
  it('costs the message no attempt and leaves it as it was', () => {
    const claim = { attempts: 2, constraint: sameRoute, overflow: 'Unavailable' };
    expect(decide(broken('CONN'), { claim, connectFailures: 3 })).toMatchObject({
      settlement: { kind: 'Returned', dueInMs: 0, constraint: sameRoute, overflow: 'Unavailable' },
      laneHold: { reason: 'ConnectionFailed' },
    });
  });

  it('does not fail the message for wrong credentials', () => {
    const refused = refusal('AUTH 535 5.7.8 Username and Password not accepted');
    expect(decide(refused)).toMatchObject({
      settlement: { kind: 'Returned' },
      laneHold: { reason: 'CredentialsInvalid' },
    });
  });
});

describe('a message that waits too long', () => {
  const nowMs = 10 * DAY_MS;
  const since = (ageMs: number) => ({
    claim: { attempts: 1, firstAttemptMs: nowMs - ageMs, constraint: any, overflow: '' },
    expireAfterMs: DAY_MS,
  });

  it('still waits when its next attempt is just in time', () => {
    expect(decide(busy, since(DAY_MS - 600_000)).settlement.kind).toBe('Deferred');
  });

  it('fails when its next attempt would be too late', () => {
    expect(decide(busy, since(DAY_MS - 599_999))).toEqual({
      settlement: ended('Failed'),
      isExpired: true,
    });
  });

  it('fails also while no session comes about', () => {
    expect(decide(broken('CONN'), since(DAY_MS)).settlement.kind).toBe('Returned');
    expect(decide(broken('CONN'), since(DAY_MS + 1))).toMatchObject({
      settlement: ended('Failed'),
      isExpired: true,
    });
  });

  it('is still delivered when it is accepted late', () => {
    expect(decide(accepted(), since(9 * DAY_MS)).settlement).toEqual(ended('Delivered'));
  });
});

describe('every class of the policy', () => {
  it('never moves a refusal of the sender to another route', () => {
    for (const rule of projectPolicy().smtpRules.filter(({ failover }) => failover === 'none')) {
      for (const constraint of [any, sameRoute]) {
        const classification: Classification = {
          class: rule.class,
          rule: rule.id,
          scope: rule.scope,
          retry: rule.retry,
          failover: rule.failover,
          isBeforeMessage: false,
        };
        const { settlement } = decide(classification, { claim: { attempts: 0, constraint, overflow: '' } });
        const isHome = settlement.kind === 'Terminal' || settlement.constraint.kind === 'Route';
        expect([rule.id, isHome]).toEqual([rule.id, true]);
      }
    }
  });
});
