import { expect } from 'vitest';
import { capViolations, sharedCapViolations } from './cap.ts';
import type { Evidence, Violation } from './evidence.ts';
import { lossViolations } from './nothing-lost.ts';
import { repetitionViolations } from './nothing-twice.ts';
import { recordViolations } from './one-record.ts';
import { pauseViolations } from './pause.ts';
import { policyViolations } from './policy.ts';
import { silenceViolations } from './silence.ts';

/** Checks the seven invariants of the design against what a run left behind. Every test that sends mail ends with this. */
export function checkInvariants(evidence: Evidence): Violation[] {
  return [
    ...capViolations(evidence),
    ...sharedCapViolations(evidence),
    ...silenceViolations(evidence),
    ...lossViolations(evidence),
    ...repetitionViolations(evidence),
    ...recordViolations(evidence),
    ...pauseViolations(evidence),
    ...policyViolations(evidence),
  ];
}

/** Fails the running test with every violation in words. */
export function expectInvariants(evidence: Evidence): void {
  const lines = checkInvariants(evidence).map(({ invariant, text }) => `${invariant}: ${text}`);
  expect(lines, 'invariants of the design').toEqual([]);
}
