import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../controller/sandbox/reply.ts';
import { verbatimReply } from '../../../controller/sandbox/reply.ts';
import { TransactionRecorder } from '../../../controller/sandbox/transaction-recorder.ts';
import type { WireRecord } from '../../../controller/sandbox/wire-log-file.ts';

interface Recording {
  readonly lines: WireRecord[];
  readonly recorder: TransactionRecorder;
  /** A command with an address, and its reply; no reply leaves it unanswered. */
  say(command: string, address: string, reply?: string): void;
}

function recording(): Recording {
  const lines: WireRecord[] = [];
  let nowMs = 0;
  const recorder = new TransactionRecorder({
    service: 'Submission',
    peer: '127.0.0.1:1234',
    now: () => (nowMs += 1),
    append: (line) => lines.push(line),
  });
  recorder.account = 'anna@example.com';
  const say = (command: string, address: string, reply?: string) => {
    if (command !== 'DOT') recorder.commandReceived(command, address);
    if (reply !== undefined) recorder.replying(command, toReply(reply));
  };
  return { lines, recorder, say };
}

function toReply(text: string): Reply {
  return verbatimReply(text);
}

function begun(...recipients: string[]): Recording {
  const started = recording();
  started.say('MAIL', 'anna@example.com', '250 OK');
  for (const recipient of recipients) started.say('RCPT', recipient, '250 OK');
  return started;
}

describe('TransactionRecorder', () => {
  it('makes one line of a message that was accepted', () => {
    const { say, recorder, lines } = begun('a@example.net');
    say('RCPT', 'gone@example.net', '550 5.1.1 No such user');
    say('DATA', '', '354 Go ahead');
    recorder.messageReceived(321, 'id@example.com');
    recorder.messageAccepted();
    say('DOT', '', '250 2.0.0 OK');
    expect(lines).toEqual([
      {
        timeMs: 1,
        endMs: 2,
        kind: 'Transaction',
        service: 'Submission',
        account: 'anna@example.com',
        peer: '127.0.0.1:1234',
        from: 'anna@example.com',
        rcpts: ['a@example.net', 'gone@example.net'],
        acceptedRcpts: ['a@example.net'],
        size: 321,
        messageId: 'id@example.com',
        command: 'DOT',
        reply: '250 2.0.0 OK',
        accepted: true,
      },
    ]);
  });

  it('makes a line of every message on a connection', () => {
    const { say, lines } = begun('a@example.net');
    say('DATA', '', '354 Go ahead');
    say('DOT', '', '250 2.0.0 OK');
    say('MAIL', 'anna@example.com', '421 4.7.28 Unusual rate');
    expect(lines.map(({ command, reply }) => [command, reply])).toEqual([
      ['DOT', '250 2.0.0 OK'],
      ['MAIL', '421 4.7.28 Unusual rate'],
    ]);
  });

  it('folds a reply of several lines', () => {
    const { recorder, lines } = begun('a@example.net');
    recorder.commandReceived('DATA', '');
    recorder.replying('DATA', { code: 550, lines: ['5.4.5 Limit exceeded.', '5.4.5 Wait.'] });
    recorder.transactionAborted();
    expect(lines).toMatchObject([
      { command: 'DATA', reply: '550 5.4.5 Limit exceeded. 5.4.5 Wait.', accepted: false },
    ]);
  });

  it.each<[string, (recording: Recording) => void, Partial<WireRecord>]>([
    [
      'the client resets',
      ({ say }) => say('RSET', '', '250 Flushed'),
      { command: 'RSET', reply: '250 Flushed' },
    ],
    [
      'the client says EHLO again',
      ({ say }) => say('EHLO', '', '250 Hi'),
      { command: 'RSET', reply: '250 Hi' },
    ],
    ['the client quits', ({ say }) => say('QUIT', '', '221 Bye'), { command: 'QUIT', reply: '221 Bye' }],
    ['the client is gone between commands', () => undefined, { command: 'DISCONNECT', reply: '' }],
    [
      'a command stays unanswered',
      ({ say }) => say('RCPT', 'b@example.net'),
      { command: 'DISCONNECT', reply: '' },
    ],
    ['the message breaks off', ({ say }) => say('DATA', '', '354 Go'), { command: 'DISCONNECT', reply: '' }],
    [
      'a 421 answers RCPT',
      ({ say }) => say('RCPT', 'b@example.net', '421 4.3.0 No'),
      { command: 'RCPT', reply: '421 4.3.0 No' },
    ],
    [
      'a 421 answers nothing',
      ({ recorder }) => recorder.replying('RCPT', toReply('421 4.4.2 Idle')),
      { command: 'DISCONNECT', reply: '421 4.4.2 Idle' },
    ],
    [
      'a 421 answers a command that is no part of mail',
      ({ say }) => say('FOO', '', '421 4.3.0 Enough'),
      { command: 'DISCONNECT', reply: '421 4.3.0 Enough' },
    ],
  ])('tells how a transaction ended when %s', (_, act, end) => {
    const recording = begun('a@example.net');
    act(recording);
    recording.recorder.closed();
    recording.recorder.closed();
    expect(recording.lines).toHaveLength(1);
    expect(recording.lines[0]).toMatchObject({ accepted: false, ...end });
  });

  it('goes on after NOOP, an unknown command and a nested MAIL', () => {
    const { say, lines } = begun('a@example.net');
    say('NOOP', '', '250 OK');
    say('FOO', '', '500 5.5.2 What?');
    say('MAIL', 'bob@example.com', '503 5.5.1 Nested');
    expect(lines).toEqual([]);
    say('QUIT', '', '221 Bye');
    expect(lines).toMatchObject([{ from: 'anna@example.com', command: 'QUIT' }]);
  });

  it.each(['QUIT', 'RSET', 'DISCONNECT'])(
    'tells the refusal of the only recipient when %s follows',
    (end) => {
      const { say, recorder, lines } = begun();
      say('RCPT', 'gone@example.net', '550 5.1.1 No such user');
      say('DATA', '', '503 5.5.1 RCPT first');
      if (end === 'DISCONNECT') recorder.closed();
      else say(end, '', '250 OK');
      expect(lines).toMatchObject([{ command: 'RCPT', reply: '550 5.1.1 No such user', acceptedRcpts: [] }]);
    },
  );

  it('tells that the connection was cut although another recipient had been refused before', () => {
    const { say, recorder, lines } = begun();
    say('RCPT', 'gone@example.net', '550 5.1.1 No such user');
    say('RCPT', 'cut@example.net');
    recorder.closed();
    expect(lines).toMatchObject([{ command: 'DISCONNECT', reply: '' }]);
  });

  it('knows a message for accepted although its 250 was never written', () => {
    const { say, recorder, lines } = begun('a@example.net');
    say('DATA', '', '354 Go ahead');
    recorder.messageAccepted();
    recorder.closed();
    expect(lines).toMatchObject([{ command: 'DISCONNECT', reply: '', accepted: true }]);
  });

  it('makes a line of a refused login and none of a good one', () => {
    const { say, lines } = recording();
    say('AUTH', '', '535 5.7.8 No');
    say('AUTH', '', '235 2.7.0 Accepted');
    expect(lines).toMatchObject([
      { kind: 'Login', command: 'AUTH', reply: '535 5.7.8 No', account: 'anna@example.com' },
    ]);
  });
});
