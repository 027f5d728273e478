import { describe, expect, it } from 'vitest';
import { googlePersonality } from '../../../controller/sandbox/google-personality.ts';
import type { Consents, Refusals } from '../../../controller/sandbox/personality.ts';
import { wordReply } from '../../../controller/sandbox/protocol-wording.ts';

const { consents, refusals } = googlePersonality;

function word(command: string, code: number, isSecure = true) {
  return wordReply({ command, code, text: 'Error: said the library', isSecure }, googlePersonality);
}

describe('wordReply', () => {
  it.each<[string, number, Exclude<keyof Consents, 'accepted'>]>([
    ['STARTTLS', 220, 'startTls'],
    ['AUTH', 235, 'login'],
    ['MAIL', 250, 'mail'],
    ['RCPT', 250, 'rcpt'],
    ['DATA', 354, 'data'],
    ['RSET', 250, 'reset'],
    ['NOOP', 250, 'noop'],
    ['QUIT', 221, 'quit'],
  ])('says yes to %s in the words of the provider', (command, code, name) => {
    expect(word(command, code)).toBe(consents[name]);
  });

  it.each([
    ['the greeting', '', 220],
    ['EHLO', 'EHLO', 250],
    ['a challenge of AUTH', 'AUTH', 334],
  ])('leaves %s as it is', (_, command, code) => {
    expect(word(command, code)).toBeUndefined();
  });

  it.each<[string, number, keyof Refusals]>([
    ['FOO', 500, 'unknownCommand'],
    ['MAIL', 501, 'badSenderSyntax'],
    ['RCPT', 501, 'badRecipientSyntax'],
    ['EHLO', 501, 'badSyntax'],
    ['DATA', 503, 'badSequence'],
    ['AUTH', 504, 'unknownAuthMechanism'],
    ['MAIL', 530, 'loginRequired'],
    ['AUTH', 535, 'badCredentials'],
    ['MAIL', 552, 'messageTooBig'],
  ])('says no to %s with %i in the words of the provider', (command, code, name) => {
    expect(word(command, code)).toBe(refusals[name]);
  });

  it.each([
    ['AUTH', 538],
    ['MAIL', 530],
  ])('asks for STARTTLS when %s comes before it', (command, code) => {
    expect(word(command, code, false)).toBe(refusals.startTlsFirst);
  });

  it.each([
    [421, '4.3.0'],
    [554, '5.3.0'],
  ])('adds an enhanced code to a %i it has no words for', (code, enhanced) => {
    expect(word('MAIL', code)).toEqual({ code, lines: [`${enhanced} Error: said the library`] });
  });
});
