import { describe, expect, it } from 'vitest';
import { WireSummary } from '../../../controller/sandbox/wire-summary.ts';
import { aWireTransaction } from '../../builders/wire.ts';

describe('WireSummary', () => {
  it('counts per account what was accepted, refused and cut', () => {
    const summary = new WireSummary();
    summary.add(aWireTransaction({ rcpts: ['a@example.net', 'b@example.net'] }));
    summary.add(aWireTransaction({ command: 'RCPT', reply: '550 5.1.1 No such user', accepted: false }));
    summary.add(aWireTransaction({ command: 'RCPT', reply: '550 5.1.1 No such user', accepted: false }));
    summary.add(aWireTransaction({ command: 'DISCONNECT', reply: '', accepted: true }));
    summary.add(aWireTransaction({ kind: 'Login', command: 'AUTH', reply: '535 5.7.8 No', accepted: false }));
    summary.add(aWireTransaction({ service: 'Relay', reply: '454 Throttling failure', accepted: false }));
    expect(summary.accounts()).toEqual([
      {
        service: 'Submission',
        account: 'anna@example.com',
        transactions: 4,
        acceptedMessages: 2,
        acceptedRecipients: 3,
        disconnects: 1,
        refused: { '550 5.1.1': 2, '535 5.7.8': 1 },
      },
      {
        service: 'Relay',
        account: 'anna@example.com',
        transactions: 1,
        acceptedMessages: 0,
        acceptedRecipients: 0,
        disconnects: 0,
        refused: { '454': 1 },
      },
    ]);
  });
});
