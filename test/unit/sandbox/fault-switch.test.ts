import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fault } from '../../../controller/sandbox/fault.ts';
import { FaultSwitch } from '../../../controller/sandbox/fault-switch.ts';

const hang: Fault = { kind: 'Hang' };
const refuseLogins: Fault = { kind: 'RefuseLogins' };

describe('FaultSwitch', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('shows a fault to the accounts it covers', () => {
    const faults = new FaultSwitch();
    faults.set({ service: 'Submission', account: 'anna@example.com' }, hang, undefined);
    expect(faults.active('Submission', 'ANNA@example.com')).toBe(hang);
    expect(faults.active('Submission', '')).toBeUndefined();
    expect(faults.active('Submission', 'bob@example.com')).toBeUndefined();
    expect(faults.active('Relay', 'anna@example.com')).toBeUndefined();
  });

  it('shows the latest of several', () => {
    const faults = new FaultSwitch();
    faults.set({ account: 'anna@example.com' }, hang, undefined);
    faults.set({}, refuseLogins, undefined);
    expect(faults.active('Submission', 'anna@example.com')).toBe(refuseLogins);
    expect(faults.active('Relay', '')).toBe(refuseLogins);
  });

  it('ends by itself and says so', async () => {
    const faults = new FaultSwitch();
    faults.set({}, hang, 5);
    const changed = faults.changed();
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(changed).resolves.toBeUndefined();
    expect(faults.active('Submission', '')).toBeUndefined();
  });

  it('gives a fault that is set again its new time', async () => {
    const faults = new FaultSwitch();
    faults.set({ service: 'Relay' }, hang, 5);
    faults.set({ service: 'Relay' }, hang, 60);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(faults.active('Relay', '')).toBe(hang);
  });

  it('clears the faults of a scope, or all', () => {
    const faults = new FaultSwitch();
    faults.set({ service: 'Submission', account: 'anna@example.com' }, hang, undefined);
    faults.set({ service: 'Relay' }, refuseLogins, undefined);
    faults.clear({ service: 'Submission' });
    expect(faults.active('Submission', 'anna@example.com')).toBeUndefined();
    expect(faults.active('Relay', '')).toBe(refuseLogins);
    faults.clear({});
    expect(faults.active('Relay', '')).toBeUndefined();
  });
});
