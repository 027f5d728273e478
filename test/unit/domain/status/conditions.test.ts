import { describe, expect, it } from 'vitest';
import { conditionSchema, type Condition } from '../../../../controller/api/conditions.ts';
import type { Reason } from '../../../../controller/api/reasons.ts';
import {
  conditionOf,
  readiness,
  recordConditions,
  unknownCondition,
} from '../../../../controller/domain/status/conditions.ts';

const good = { reason: 'Succeeded', message: 'well' } as const;
const nowMs = Date.UTC(2026, 10, 24, 9, 0, 0, 123);

describe('readiness', () => {
  const yes = conditionOf('Authenticated', undefined, { reason: 'Connected', message: 'in' });
  const no = conditionOf('PolicyCompliant', { reason: 'PolicyBlocked', message: 'spam' }, good);
  const maybe = unknownCondition('SendersAvailable', { reason: 'SendersStarting', message: 'soon' });

  it('is True when nothing speaks against it', () => {
    expect(readiness(undefined, [yes], good)).toEqual([
      { type: 'Ready', status: 'True', reason: 'Succeeded', message: 'well' },
    ]);
  });

  it('is False for the first condition that is, and stalled when a person must act', () => {
    expect(readiness(undefined, [yes, maybe, no], good)).toEqual([
      { type: 'Ready', status: 'False', reason: 'PolicyBlocked', message: 'spam' },
      { type: 'Stalled', status: 'True', reason: 'PolicyBlocked', message: 'spam' },
    ]);
  });

  it('is False for a fault of the object before all conditions', () => {
    const [ready] = readiness({ reason: 'Invalid', message: 'bad' }, [no], good);
    expect(ready).toMatchObject({ status: 'False', reason: 'Invalid' });
  });

  it('is Unknown while a condition is, and reconciling', () => {
    expect(readiness(undefined, [yes, maybe], good)).toEqual([
      { type: 'Ready', status: 'Unknown', reason: 'SendersStarting', message: 'soon' },
      { type: 'Reconciling', status: 'True', reason: 'SendersStarting', message: 'soon' },
    ]);
  });

  it.each<[Reason, string]>([
    ['SecretNotFound', 'Reconciling'],
    ['TemplateNotFound', 'Reconciling'],
    ['ConnectionFailed', 'Reconciling'],
    ['CredentialsInvalid', 'Stalled'],
    ['ConsumerAccountForMarketing', 'Stalled'],
  ])('takes %s for %s', (reason, type) => {
    expect(readiness({ reason, message: '' }, [], good)[1]).toMatchObject({ type, status: 'True' });
  });
});

describe('recording conditions', () => {
  const at = { nowMs, generation: 4 };
  const before: Condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Succeeded',
    message: 'well',
    lastTransitionTime: '2026-11-01T00:00:00Z',
  };

  it('dates what is new', () => {
    const current = readiness(undefined, [], good);
    expect(recordConditions(undefined, current, at)).toEqual([
      {
        type: 'Ready',
        status: 'True',
        reason: 'Succeeded',
        message: 'well',
        observedGeneration: 4,
        lastTransitionTime: '2026-11-24T09:00:00Z',
      },
    ]);
  });

  it('keeps the date while the status stays, whatever is said', () => {
    const current = readiness(undefined, [], { reason: 'Suspended', message: 'wanted' });
    expect(recordConditions([before], current, at)[0]).toMatchObject({
      reason: 'Suspended',
      lastTransitionTime: '2026-11-01T00:00:00Z',
    });
  });

  it('changes the date with the status', () => {
    const current = readiness({ reason: 'Invalid', message: '' }, [], good);
    expect(recordConditions([before], current, at)[0]?.lastTransitionTime).toBe('2026-11-24T09:00:00Z');
  });

  it('drops what is no longer said and keeps the documented order', () => {
    const stalled: Condition = { ...before, type: 'Stalled' };
    const current = [
      conditionOf('QuotaAvailable', undefined, { reason: 'QuotaAvailable', message: '' }),
      ...readiness(undefined, [], good),
    ];
    const recorded = recordConditions([before, stalled], current, { nowMs, generation: undefined });
    expect(recorded.map(({ type }) => type)).toEqual(['Ready', 'QuotaAvailable']);
    expect(recorded[0]).not.toHaveProperty('observedGeneration');
    expect(recorded.map((condition) => conditionSchema.parse(condition))).toEqual(recorded);
  });
});
