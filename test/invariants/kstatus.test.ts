import { describe, expect, it } from 'vitest';
import { kstatusFaults } from './kstatus.ts';

const condition = (type: string, status: string, overrides: object = {}) => ({
  type,
  status,
  reason: 'Because',
  observedGeneration: 3,
  ...overrides,
});

function faults(conditions: object[], status: object = {}): string[] {
  return kstatusFaults({
    metadata: { name: 'a', generation: 3 },
    status: { observedGeneration: 3, conditions, ...status },
  });
}

describe('the kstatus rules', () => {
  it.each([
    ['ready', [condition('Ready', 'True')]],
    ['reconciling', [condition('Ready', 'False'), condition('Reconciling', 'True')]],
    ['reconciling and not knowing', [condition('Ready', 'Unknown'), condition('Reconciling', 'True')]],
    ['stalled', [condition('Ready', 'False'), condition('Stalled', 'True')]],
    ['not ready and waiting', [condition('Ready', 'False'), condition('Authenticated', 'False')]],
  ])('find no fault with an object that is %s', (_, conditions) => {
    expect(faults(conditions)).toEqual([]);
  });

  it.each([
    ['Ready is missing', []],
    ['Reconciling and Ready are both True', [condition('Ready', 'True'), condition('Reconciling', 'True')]],
    ['Stalled is True but Ready is not False', [condition('Ready', 'True'), condition('Stalled', 'True')]],
    [
      'Reconciling and Stalled are there together',
      [condition('Ready', 'False'), condition('Reconciling', 'True'), condition('Stalled', 'True')],
    ],
    ['Ready is Unknown but nothing is Reconciling', [condition('Ready', 'Unknown')]],
    [
      'Reconciling is there without being True',
      [condition('Ready', 'True'), condition('Reconciling', 'False')],
    ],
    ['Stalled is there without being True', [condition('Ready', 'True'), condition('Stalled', 'False')]],
    [
      'Ready is True though a condition speaks of another generation',
      [condition('Ready', 'True'), condition('Authenticated', 'True', { observedGeneration: 2 })],
    ],
    [
      'a condition does not say which generation it speaks of',
      [condition('Ready', 'False'), condition('Authenticated', 'True', { observedGeneration: undefined })],
    ],
    ['a condition is there twice', [condition('Ready', 'False'), condition('Ready', 'False')]],
    ['a reason is not one CamelCase word', [condition('Ready', 'False', { reason: 'not ready' })]],
  ])('name the fault: %s', (fault, conditions) => {
    expect(faults(conditions)).toContain(fault);
  });

  it.each([
    ['observedGeneration is missing from the status', { observedGeneration: undefined }],
    ['observedGeneration is ahead of the generation', { observedGeneration: 4 }],
    ['Ready is True though the newest generation was not observed', { observedGeneration: 2 }],
  ])('name the fault: %s', (fault, status) => {
    expect(faults([condition('Ready', 'True')], status)).toContain(fault);
  });
});
