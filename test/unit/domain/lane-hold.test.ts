import { describe, expect, it } from 'vitest';
import type { SmtpCommand } from '../../../controller/api/attempt.ts';
import { laneHold, type LaneHold } from '../../../controller/domain/lane-hold.ts';
import { classifyReply } from '../../../controller/domain/policy/classification.ts';
import { projectPolicy } from '../../builders/policy.ts';

const policy = projectPolicy();
const nowMs = 1_000_000;

function hold(classification: ReturnType<typeof classifyReply>, connectFailures = 0, attempts = 0) {
  return laneHold({ classification, connectFailures, attempts, nowMs, random: () => 0 });
}

/** What the lane does after a refusal such as `RCPT 550 5.1.1 no such user`. */
function afterRefusal(line: string, connectFailures = 0, attempts = 0): LaneHold | undefined {
  const [command, code, enhancedCode = '', ...text] = line.split(' ');
  const reply = {
    kind: 'Refused',
    command: command as SmtpCommand,
    code: Number(code),
    enhancedCode: enhancedCode === '-' ? '' : enhancedCode,
    text: text.join(' '),
  } as const;
  return hold(classifyReply(policy, reply), connectFailures, attempts);
}

function afterError(
  clientError: string,
  command: SmtpCommand,
  connectFailures: number,
  mayBeAccepted = false,
) {
  const reply = { kind: 'NoReply', command, clientError, text: '', mayBeAccepted } as const;
  return hold(classifyReply(policy, reply), connectFailures);
}

const lasts = (found: LaneHold | undefined): number | undefined =>
  found?.untilMs === undefined ? undefined : (found.untilMs - nowMs) / 1000;

describe('a lane after a reply', () => {
  it.each([
    'RCPT 550 5.1.1 does not exist',
    'RCPT 450 4.2.1 receiving mail too quickly',
    'DATA 451 4.3.0 temporarily rejected',
    'DATA 552 5.3.4 too big',
    'DATA 550 5.7.1 violates example.com email policy',
  ])('goes on when only the message or recipient was meant: %s', (line) => {
    expect(afterRefusal(line)).toBeUndefined();
  });

  it('goes on, slower, after a permanent policy refusal', () => {
    expect(afterRefusal('DATA 550 5.7.1 likely unsolicited mail')).toBeUndefined();
  });

  it.each<[string, string, number | undefined]>([
    ['AUTH 535 5.7.8 Username and Password not accepted', 'CredentialsInvalid', undefined],
    ['MAIL 530 5.7.0 Authentication Required', 'CredentialsInvalid', undefined],
    ['MAIL 550 5.7.0 Mail Sending denied', 'AccountDisabled', undefined],
    ['DATA 550 5.7.26 sender is unauthenticated', 'SenderUnauthenticated', undefined],
    ['DATA 550 5.4.5 Daily user sending limit exceeded', 'QuotaExceededAtProvider', 3600],
    ['DATA 454 - Throttling failure: Daily message quota exceeded', 'QuotaExceededAtProvider', 3600],
    ['DATA 454 - Throttling failure: Maximum sending rate exceeded', 'Pacing', 1],
    ['DATA 421 4.7.28 an unusual rate of unsolicited mail', 'PolicyBlocked', 14_400],
    ['AUTH 454 4.7.0 Too many login attempts', 'ConnectionFailed', 900],
    ['CONN 421 4.3.0 Temporary System Problem', 'ConnectionFailed', 5],
    ['CONN 554 - go away', 'ConnectionFailed', 5],
    ['STARTTLS 530 5.7.0 Must issue a STARTTLS command first', 'TlsFailed', 300],
    ['AUTH 504 5.7.4 Unrecognized Authentication Type', 'ConfigurationRejected', 300],
    ['MAIL 550 5.7.0 Mail relay denied', 'ConfigurationRejected', 300],
  ])('%s: %s for %s s', (line, reason, duration) => {
    const found = afterRefusal(line);
    expect([found?.reason, lasts(found)]).toEqual([reason, duration]);
  });

  it('waits longer each time the login is refused as too frequent', () => {
    const line = 'AUTH 454 4.7.0 Too many login attempts';
    expect([0, 1, 2, 3].map((failures) => lasts(afterRefusal(line, failures)))).toEqual([
      900, 900, 1800, 3600,
    ]);
  });

  it('waits longer each time a message meets the rate limit', () => {
    const line = 'DATA 454 - Throttling failure: Maximum sending rate exceeded';
    expect([0, 1, 2].map((attempts) => lasts(afterRefusal(line, 0, attempts)))).toEqual([1, 2, 4]);
  });

  it('says what is the matter and which rule says so', () => {
    expect(afterRefusal('AUTH 535 5.7.8 Username and Password not accepted')?.message).toBe(
      'the provider refuses the login (bad-credentials)',
    );
  });
});

describe('a lane after a broken connection', () => {
  it.each([
    [1, 5],
    [2, 10],
    [7, 300],
  ])('tries again later each time: after %d failures in %d s', (failures, duration) => {
    const found = afterError('ECONNECTION', 'CONN', failures);
    expect([found?.reason, lasts(found)]).toEqual(['ConnectionFailed', duration]);
  });

  it('rests for a moment when the end of a message is unknown', () => {
    const found = afterError('ETIMEDOUT', 'DOT', 0, true);
    expect([found?.reason, lasts(found)]).toEqual(['ConnectionFailed', 5]);
  });

  it('does not hurry when TLS fails', () => {
    const found = afterError('ETLS', 'STARTTLS', 1);
    expect([found?.reason, lasts(found)]).toEqual(['TlsFailed', 300]);
  });

  it('tries a login that failed without a reply again', () => {
    const found = afterError('EAUTH', 'AUTH', 2);
    expect([found?.reason, lasts(found)]).toEqual(['CredentialsInvalid', 10]);
  });
});
