import { describe, expect, it } from 'vitest';
import { senderOf, withoutSender } from '../../../../controller/domain/routing/sender-of.ts';
import { aPlanEsp, aPlanMailbox } from '../../../builders/plan.ts';

describe('the From on a mailbox', () => {
  const mailbox = aPlanMailbox({ displayName: 'Anna', aliases: ['Team@example.com'] });

  it.each([
    ['itself when the campaign names none', {}, 'anna@example.com'],
    ['itself when it may not send as the campaign', { address: 'boss@example.com' }, 'anna@example.com'],
    ['the campaign’s spelling of itself', { address: 'ANNA@example.com' }, 'ANNA@example.com'],
    ['an alias', { address: 'team@example.com' }, 'team@example.com'],
  ])('is %s', (_what, from, address) => {
    expect(senderOf({ from }, mailbox)).toEqual({ address, displayName: 'Anna' });
  });

  it('bears the campaign’s name when it has one', () => {
    expect(senderOf({ from: { displayName: 'The Team' } }, mailbox)).toEqual({
      address: 'anna@example.com',
      displayName: 'The Team',
    });
  });
});

describe('the From on an ESP', () => {
  const own = { address: 'hello@example.com', displayName: 'Hello' };

  it('is the campaign’s where any domain may be used', () => {
    const sender = senderOf({ from: { address: 'me@elsewhere.net' } }, aPlanEsp({ from: own }));
    expect(sender).toEqual({ address: 'me@elsewhere.net', displayName: 'Hello' });
  });

  it.each([
    ['me@example.com', 'me@example.com'],
    ['me@EXAMPLE.com', 'me@EXAMPLE.com'],
    ['me@sub.example.com', 'hello@example.com'],
    ['me@elsewhere.net', 'hello@example.com'],
    ['no address', 'hello@example.com'],
  ])('for %s is %s where the domain must be verified', (address, expected) => {
    const esp = aPlanEsp({ from: own, domains: ['example.com'] });
    expect(senderOf({ from: { address } }, esp)).toMatchObject({ address: expected });
  });

  it('has no name when nobody gives one', () => {
    const { from: _from, ...esp } = aPlanEsp();
    expect(senderOf({ from: { address: 'me@example.com' } }, esp)).toEqual({
      address: 'me@example.com',
      displayName: '',
    });
    expect(senderOf({ from: { address: 'me@example.com', displayName: 'Me' } }, esp)).toMatchObject({
      displayName: 'Me',
    });
  });

  it('is missing when nobody names one', () => {
    const { from: _from, ...esp } = aPlanEsp();
    expect(senderOf({ from: {} }, esp)).toEqual({
      problem: expect.stringMatching(/^EmailServiceProvider relay has no From address: set spec/) as string,
    });
  });

  it('is missing when the provider sends for none of those named', () => {
    const esp = aPlanEsp({ from: own, domains: ['verified.example'] });
    expect(senderOf({ from: { address: 'me@elsewhere.net' } }, esp)).toEqual({
      problem: expect.stringMatching(
        /sends only for verified.example, not as me@elsewhere.net or hello@example.com/,
      ) as string,
    });
  });
});

describe('the ESPs without a From', () => {
  it('are those that send for other domains only', () => {
    const [fits, other] = [aPlanEsp({ domains: ['example.com'] }), aPlanEsp({ domains: ['example.net'] })];
    expect(withoutSender({ from: { address: 'news@example.com' } }, [fits, other])).toEqual([other]);
  });
});
