import { ATTEMPT_SCHEMA_VERSION, type AttemptRecord } from '../api/attempt.ts';

/**
 * What is the same in every record of an attempt whose sender ended, or lost the message, between `begin` and the end. `DOT`, because
 * the message may have been accepted.
 */
export const LOST_ATTEMPT = {
  schema: ATTEMPT_SCHEMA_VERSION,
  command: 'DOT',
  code: 0,
  enhancedCode: '',
  text: 'the sender ended before it had written down how the attempt ended',
  clientError: 'SenderLost',
  class: 'outcome_unknown',
  rule: 'SenderLost',
  outcome: 'Uncertain',
} as const satisfies Partial<AttemptRecord>;
