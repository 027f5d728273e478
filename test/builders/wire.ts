import type { WireTransaction } from '../../controller/api/wire-log.ts';

/** The transaction in which anna@example.com's message to r0@example.net was accepted. */
export function aWireTransaction(overrides: Partial<WireTransaction> = {}): WireTransaction {
  const rcpts = overrides.rcpts ?? ['r0@example.net'];
  const timeMs = overrides.timeMs ?? 990;
  return {
    id: 1,
    timeMs,
    endMs: timeMs + 10,
    kind: 'Transaction',
    service: 'Submission',
    account: 'anna@example.com',
    peer: '127.0.0.1:40000',
    from: 'anna@example.com',
    rcpts,
    acceptedRcpts: rcpts,
    size: 1_000,
    messageId: 'spring.0.0@example.com',
    command: 'DOT',
    reply: '250 2.0.0 OK',
    accepted: true,
    ...overrides,
  };
}
