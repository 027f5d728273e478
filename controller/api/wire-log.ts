import { z } from 'zod';

/**
 * What a provider saw: one line per SMTP transaction (MAIL FROM … end) or per refused login.
 * Written by the sandbox, read by the invariant checker and the demo. Times are the sandbox's own clock.
 */
export const wireTransactionSchema = z.object({
  /** Running number within one sandbox, from 1. */
  id: z.number().int().positive(),
  /** When MAIL FROM (or AUTH, for a login line) arrived, milliseconds since the epoch. */
  timeMs: z.number().int(),
  /** When the last reply of the transaction was written, milliseconds since the epoch. */
  endMs: z.number().int(),
  /** `Transaction` for mail, `Login` for an AUTH that was refused. */
  kind: z.enum(['Transaction', 'Login']),
  /** Which personality answered: a mailbox provider's submission service or an ESP relay. */
  service: z.enum(['Submission', 'Relay']),
  /** The authenticated account. */
  account: z.string(),
  /** Address of the client, `host:port`. */
  peer: z.string(),
  from: z.string(),
  /** Every RCPT TO that was received, accepted or not, in order. */
  rcpts: z.array(z.string()),
  /** The subset of `rcpts` that the service accepted at RCPT. */
  acceptedRcpts: z.array(z.string()),
  /** Bytes of the message, 0 when DATA was not reached. */
  size: z.number().int().nonnegative(),
  /** Message-ID header without angle brackets, empty when DATA was not reached. */
  messageId: z.string(),
  /**
   * The command that the last reply answered. `DOT` is the end of DATA; DISCONNECT when a connection ended with a command
   * unanswered or in the middle of a transaction. A transaction that is given up after every recipient was refused is told
   * by that refusal (RCPT), whatever RSET, QUIT or pipelined DATA came after it.
   */
  command: z.enum(['AUTH', 'MAIL', 'RCPT', 'DATA', 'DOT', 'RSET', 'QUIT', 'DISCONNECT']),
  /**
   * The last reply exactly as written, e.g. `550 5.4.5 Daily user sending limit exceeded. …`, continuation lines folded with
   * a space; empty when the connection was cut without one.
   */
  reply: z.string(),
  /** True when the service took responsibility for the message (its 250 after the dot, even if the client never read it). */
  accepted: z.boolean(),
  /**
   * Present when the message came again with an idempotency key that the service knew: it said 250 and took nothing, `accepted` is
   * false.
   */
  repeated: z.literal(true).optional(),
});

/** One line of a wire log. */
export type WireTransaction = z.infer<typeof wireTransactionSchema>;
