import { ATTEMPT_SCHEMA_VERSION, type AttemptRecord } from '../../controller/api/attempt.ts';

/** The record of a first attempt that mailbox/anna delivered to r0@example.net. */
export function anAttemptRecord(overrides: Partial<AttemptRecord> = {}): AttemptRecord {
  const row = overrides.row ?? 0;
  return {
    schema: ATTEMPT_SCHEMA_VERSION,
    timeMs: 1_000,
    namespace: 'mail',
    pool: 'outreach',
    campaign: 'spring',
    step: 0,
    row,
    recipient: `r${row}@example.net`,
    messageId: `spring.0.${row}@example.com`,
    attempt: 1,
    route: 'mailbox/anna',
    provider: 'GoogleWorkspace',
    account: 'anna@example.com',
    command: 'DOT',
    code: 250,
    enhancedCode: '2.0.0',
    text: 'OK',
    clientError: '',
    class: 'accepted',
    rule: '',
    outcome: 'Delivered',
    overflow: '',
    durationMs: 10,
    ...overrides,
  };
}

/** A record whose last reply refused the message for now: `450 4.2.1`, Deferred. */
export function aDeferredRecord(overrides: Partial<AttemptRecord> = {}): AttemptRecord {
  return anAttemptRecord({
    command: 'RCPT',
    code: 450,
    enhancedCode: '4.2.1',
    text: 'The user is receiving mail too quickly',
    class: 'recipient_busy',
    rule: 'rcpt-rate',
    outcome: 'Deferred',
    ...overrides,
  });
}

/** A record whose last reply refused the recipient for good: `550 5.1.1`, Failed. */
export function aFailedRecord(overrides: Partial<AttemptRecord> = {}): AttemptRecord {
  return anAttemptRecord({
    command: 'RCPT',
    code: 550,
    enhancedCode: '5.1.1',
    text: 'No such user',
    class: 'recipient_invalid',
    rule: 'no-such-user',
    outcome: 'Failed',
    ...overrides,
  });
}

/** A record of a connection that was lost after DATA: no reply, Uncertain. */
export function anUncertainRecord(overrides: Partial<AttemptRecord> = {}): AttemptRecord {
  return anAttemptRecord({
    command: 'DOT',
    code: 0,
    enhancedCode: '',
    text: 'Connection closed',
    clientError: 'ESOCKET',
    class: 'outcome_unknown',
    outcome: 'Uncertain',
    ...overrides,
  });
}
