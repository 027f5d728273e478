import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../../controller/api/conditions.ts';
import { eventsOf, urgencyOf } from '../../../../controller/operator/status/status-change.ts';

const condition = (change: Partial<Condition>): Condition => ({
  type: 'Ready',
  status: 'True',
  reason: 'Succeeded',
  message: 'all well',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  ...change,
});
const status = (change: Partial<Condition> = {}) => ({
  observedGeneration: 1,
  conditions: [condition(change)],
});
const down = status({ status: 'False', reason: 'SecretNotFound', message: 'create it' });
const starting = status({ status: 'Unknown', reason: 'SendersStarting' });
const away = status({ status: 'Unknown', reason: 'LedgerUnavailable' });

describe('how urgent a status is', () => {
  it.each([
    ['nothing changed', status(), status(), undefined],
    ['there was none', undefined, status(), 'Condition'],
    ['a condition changed', status(), down, 'Condition'],
    ['another generation was observed', status(), { ...status(), observedGeneration: 2 }, 'Condition'],
    ['an autoscaler waits for it', status(), { ...status(), readyReplicas: 1 }, 'Condition'],
    ['only a number changed', status(), { ...status(), delivered: 1 }, 'Counter'],
  ])('when %s', (_, before, after, urgency) => {
    expect(urgencyOf(before, after)).toBe(urgency);
  });
});

describe('the Events of a status', () => {
  it.each([
    ['a new object that is well', undefined, status(), []],
    ['a new object that is not', undefined, down, ['Warning SecretNotFound']],
    ['an object that stops being ready', status(), down, ['Warning SecretNotFound']],
    [
      'an object that is not ready for another reason',
      down,
      status({ status: 'False', reason: 'Invalid' }),
      ['Warning Invalid'],
    ],
    ['an object that is being set up', undefined, starting, []],
    ['an object that is set up', starting, status(), []],
    ['an object of which nothing is known any more', status(), away, ['Warning LedgerUnavailable']],
    ['an object of which as little is known as before', starting, away, []],
    ['an object of which the ledger tells again', away, status(), ['Normal Succeeded']],
    ['an object that is as unready as before', down, down, []],
    ['an object that is ready again', down, status(), ['Normal Succeeded']],
    [
      'a provider that stops a mailbox before its cap',
      status({ type: 'QuotaAvailable', reason: 'QuotaAvailable' }),
      status({ type: 'QuotaAvailable', status: 'False', reason: 'QuotaExceededAtProvider' }),
      ['Warning QuotaExceededAtProvider'],
    ],
    [
      'a cap that is used up',
      status({ type: 'QuotaAvailable', reason: 'QuotaAvailable' }),
      status({ type: 'QuotaAvailable', status: 'False', reason: 'QuotaExhausted' }),
      [],
    ],
    [
      'a campaign that completes',
      status(),
      status({ type: 'Complete', reason: 'Complete' }),
      ['Normal Complete'],
    ],
  ])('of %s', (_, before, after, events) => {
    expect(eventsOf(before, after).map(({ type, reason }) => `${type} ${reason}`)).toEqual(events);
  });

  it.each([
    ['Secret x does not exist', 'Secret x does not exist. Create the Secret; the route begins by itself.'],
    ['Secret x does not exist.', 'Secret x does not exist. Create the Secret; the route begins by itself.'],
  ])('say what to do next after %j', (message, note) => {
    const after = status({ status: 'False', reason: 'SecretNotFound', message });
    expect(eventsOf(status(), after)).toMatchObject([{ note }]);
  });
});
