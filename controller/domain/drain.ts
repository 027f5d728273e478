/**
 * Longest time from the order to stop until a sender has ended, milliseconds: connecting (15 s), the greeting (15 s) and the longest
 * silence of a conversation (60 s), which are the SMTP time-outs. What is then still on the wire becomes Uncertain by recovery. A pod's
 * terminationGracePeriodSeconds must be longer, or the process is killed while it says what it could not write down.
 */
export const DRAIN_LIMIT_MS = 90_000;
