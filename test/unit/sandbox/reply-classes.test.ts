import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { googlePersonality } from '../../../controller/sandbox/google-personality.ts';
import type { Refusals } from '../../../controller/sandbox/personality.ts';
import { relayPersonality } from '../../../controller/sandbox/relay-personality.ts';
import type { Reply } from '../../../controller/sandbox/reply.ts';
import { foldReply } from '../../../controller/sandbox/reply.ts';

interface SmtpRule {
  readonly id: string;
  readonly match: string;
}

const policyFile = new URL('../../../controller/api/policy/policy.yaml', import.meta.url);
const { smtpRules } = parse(readFileSync(policyFile, 'utf8')) as { smtpRules: SmtpRule[] };

/** The first rule of the policy that a reply hits, as senders classify it: `<code> <enhanced or -> <text>`. */
function ruleOf(reply: Reply): string | undefined {
  const [, code = '', enhanced = '-', text = ''] =
    /^(\d{3}) (?:(\d\.\d{1,3}\.\d{1,3}) )?(.*)$/.exec(foldReply(reply)) ?? [];
  return smtpRules.find(({ match }) => new RegExp(match, 'i').test(`${code} ${enhanced} ${text}`))?.id;
}

type ExpectedRules = Record<keyof Refusals, string>;

const googleRules: ExpectedRules = {
  startTlsFirst: 'starttls-first',
  loginRequired: 'auth-required',
  badCredentials: 'bad-credentials',
  tooManyLogins: 'too-many-logins',
  foreignSender: 'relay-denied',
  recipientLimit: 'gmail-daily-quota',
  messageRate: 'unsolicited-temp',
  tooManyRecipients: 'too-many-rcpts',
  messageTooBig: 'too-big',
  unknownRecipient: 'no-such-user',
  fullRecipient: 'mailbox-full-temp',
  greylisted: 'temp-any',
  badSenderSyntax: 'malformed',
  badRecipientSyntax: 'no-such-user',
  badSequence: 'perm-protocol',
  badSyntax: 'perm-protocol',
  unknownCommand: 'perm-protocol',
  unknownAuthMechanism: 'auth-mech',
};

const relayRules: ExpectedRules = {
  ...googleRules,
  foreignSender: 'relay-denied',
  recipientLimit: 'ses-daily-quota',
  messageRate: 'ses-rate',
  badSenderSyntax: 'perm-protocol',
  badRecipientSyntax: 'perm-protocol',
};

function table(refusals: Refusals, rules: ExpectedRules): [string, Reply, string][] {
  return Object.entries(refusals).map(([name, reply]) => [
    name,
    reply as Reply,
    rules[name as keyof Refusals],
  ]);
}

describe('the refusals of the submission service', () => {
  it.each(table(googlePersonality.refusals, googleRules))(
    '%s hit their rule of the policy',
    (_, reply, rule) => {
      expect(ruleOf(reply)).toBe(rule);
    },
  );

  it('say the daily limit exactly as Google does', () => {
    expect(foldReply(googlePersonality.refusals.recipientLimit)).toMatch(
      /^550 5\.4\.5 Daily user sending limit exceeded\. For more information on Gmail 5\.4\.5 sending limits go to /,
    );
  });
});

describe('the refusals of the relay', () => {
  it.each(table(relayPersonality.refusals, relayRules))(
    '%s hit their rule of the policy',
    (_, reply, rule) => {
      expect(ruleOf(reply)).toBe(rule);
    },
  );
});
