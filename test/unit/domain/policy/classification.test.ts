import { describe, expect, it } from 'vitest';
import { classifyReply } from '../../../../controller/domain/policy/classification.ts';
import type { Reply } from '../../../../controller/domain/ports/route.ts';
import { projectPolicy, replyCases } from '../../../builders/policy.ts';

const policy = projectPolicy();

function refused(parts: Partial<Extract<Reply, { kind: 'Refused' }>>): Reply {
  return { kind: 'Refused', command: 'RCPT', code: 550, enhancedCode: '5.1.1', text: 'no', ...parts };
}

function noReply(parts: Partial<Extract<Reply, { kind: 'NoReply' }>>): Reply {
  return {
    kind: 'NoReply',
    command: 'DATA',
    clientError: 'ETIMEDOUT',
    text: '',
    mayBeAccepted: false,
    ...parts,
  };
}

describe('classifying replies that providers gave', () => {
  it.each(replyCases())('$rule: $code $enhancedCode $text', ({ rule, code, enhancedCode, text }) => {
    const found = classifyReply(policy, refused({ command: 'DATA', code, enhancedCode, text }));
    expect(found.rule).toBe(rule);
  });

  it('has a real reply for every rule of the policy', () => {
    const covered = new Set(replyCases().map((line) => line.rule));
    expect(policy.smtpRules.map((rule) => rule.id).filter((id) => !covered.has(id))).toEqual([]);
  });

  it('has no case for a rule that does not exist', () => {
    const known = new Set(policy.smtpRules.map((rule) => rule.id));
    expect(replyCases().filter((line) => !known.has(line.rule))).toEqual([]);
  });
});

describe('classifying a refusal', () => {
  it('ignores case and folds line ends', () => {
    const found = classifyReply(
      policy,
      refused({ command: 'DATA', enhancedCode: '5.4.5', text: 'DAILY\r\nuser\n sending LIMIT exceeded' }),
    );
    expect(found).toEqual({
      class: 'quota_exceeded',
      rule: 'gmail-daily-quota',
      scope: 'mailbox',
      retry: { minSeconds: 3600, notBefore: 'windowReset' },
      failover: 'esp',
      consequence: { stop: 'untilWindowReset', flag: 'QuotaExceeded', holdsWarmup: true },
      isBeforeMessage: false,
    });
  });

  it.each([
    [454, '4.7.0', 'Too many login attempts'],
    [421, '4.7.28', 'unusual rate of unsolicited mail'],
    [454, '', 'Throttling failure: Maximum sending rate exceeded'],
  ])('holds the warm-up for %i %s %s', (code, enhancedCode, text) => {
    const found = classifyReply(policy, refused({ command: 'DATA', code, enhancedCode, text }));
    expect(found.consequence?.holdsWarmup).toBe(true);
  });

  it.each([
    [450, '4.2.1', 'The user is receiving mail too quickly'],
    [451, '4.3.0', 'try again'],
    [550, '5.1.1', 'does not exist'],
  ])(
    'does not hold the warm-up for %i %s %s, which says nothing of the mailbox',
    (code, enhancedCode, text) => {
      const found = classifyReply(policy, refused({ command: 'DATA', code, enhancedCode, text }));
      expect(found.consequence?.holdsWarmup).toBeUndefined();
    },
  );

  it('suppresses a recipient who does not exist', () => {
    const found = classifyReply(policy, refused({ text: 'does not exist' }));
    expect(found).toMatchObject({ class: 'recipient_invalid', scope: 'recipient', suppress: 'hard' });
  });

  it('does not blame the recipient for an answer to MAIL', () => {
    const found = classifyReply(policy, refused({ command: 'MAIL', text: 'sender does not exist' }));
    expect(found).toMatchObject({ class: 'recipient_invalid', scope: 'message', isBeforeMessage: false });
    expect(found).not.toHaveProperty('suppress');
  });

  it.each(['CONN', 'EHLO', 'STARTTLS', 'AUTH'] as const)(
    'takes a general refusal of %s as the route’s trouble, not the message’s',
    (command) => {
      const found = classifyReply(
        policy,
        refused({ command, code: 421, enhancedCode: '4.3.0', text: 'Busy' }),
      );
      expect(found).toMatchObject({ rule: 'temp-any', scope: 'route', isBeforeMessage: true });
    },
  );

  it('never suppresses by a refusal before RCPT', () => {
    const found = classifyReply(
      policy,
      refused({ command: 'CONN', code: 554, enhancedCode: '', text: 'no longer valid' }),
    );
    expect(found).toMatchObject({ rule: 'rcpt-disabled', scope: 'route' });
    expect(found).not.toHaveProperty('suppress');
  });

  it('keeps the mailbox’s trouble with the mailbox at AUTH', () => {
    const found = classifyReply(
      policy,
      refused({
        command: 'AUTH',
        code: 535,
        enhancedCode: '5.7.8',
        text: 'Username and Password not accepted',
      }),
    );
    expect(found).toMatchObject({ rule: 'bad-credentials', scope: 'mailbox', isBeforeMessage: true });
  });

  it('waits when a reply is outside SMTP’s grammar', () => {
    const found = classifyReply(policy, refused({ command: 'RCPT', code: 399, enhancedCode: '', text: '?' }));
    expect(found).toMatchObject({
      class: 'transient',
      rule: 'unintelligible',
      scope: 'message',
      failover: 'none',
    });
  });

  it('calls the end unknown when the reply to the dot is outside SMTP’s grammar', () => {
    const found = classifyReply(policy, refused({ command: 'DOT', code: 399, enhancedCode: '', text: '?' }));
    expect(found).toMatchObject({ class: 'outcome_unknown', rule: 'unintelligible', retry: null });
  });
});

describe('classifying an acceptance', () => {
  it('needs no rule', () => {
    const found = classifyReply(policy, { kind: 'Accepted', code: 250, enhancedCode: '2.0.0', text: 'OK' });
    expect(found).toEqual({
      class: 'accepted',
      rule: '',
      scope: 'message',
      retry: null,
      failover: 'none',
      isBeforeMessage: false,
    });
  });
});

describe('classifying a conversation without a last reply', () => {
  it.each(['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'ETLS', 'ESOMETHINGNEW'])(
    'calls the end unknown when %s came after the message may have been accepted',
    (clientError) => {
      expect(
        classifyReply(policy, noReply({ command: 'DOT', clientError, mayBeAccepted: true })),
      ).toMatchObject({
        class: 'outcome_unknown',
        rule: clientError,
        retry: null,
        failover: 'none',
      });
    },
  );

  it('lets another route try when the message was certainly not accepted', () => {
    expect(classifyReply(policy, noReply({}))).toEqual({
      class: 'transient',
      rule: 'ETIMEDOUT',
      scope: 'route',
      retry: { minSeconds: 60 },
      failover: 'any',
      isBeforeMessage: false,
    });
  });

  it('counts no attempt when the connection never stood', () => {
    expect(
      classifyReply(policy, noReply({ command: 'CONN', clientError: 'ECONNECTION' })).isBeforeMessage,
    ).toBe(true);
  });

  it('treats a code that the policy does not name as a broken connection', () => {
    expect(classifyReply(policy, noReply({ clientError: 'EWHAT' }))).toMatchObject({
      class: 'transient',
      rule: 'EWHAT',
    });
  });

  it('stops the mailbox when the refresh token was revoked', () => {
    const reply = noReply({ command: 'AUTH', clientError: 'EOAUTH2', text: 'invalid_grant: expired' });
    expect(classifyReply(policy, reply).consequence).toEqual({
      stop: 'untilCredentialChanges',
      flag: 'RefreshTokenRevoked',
    });
  });

  it('does not stop the mailbox when the token service was merely down', () => {
    const reply = noReply({ command: 'AUTH', clientError: 'EOAUTH2', text: 'HTTP 503' });
    expect(classifyReply(policy, reply)).toMatchObject({ class: 'auth_failed', scope: 'mailbox' });
    expect(classifyReply(policy, reply)).not.toHaveProperty('consequence');
  });
});
