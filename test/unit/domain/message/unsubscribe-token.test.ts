import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  signUnsubscribeToken,
  verifyUnsubscribeToken,
} from '../../../../controller/domain/message/unsubscribe-token.ts';

const subject = { namespace: 'default', pool: 'news', campaign: 'spring', step: 1, row: 4711 };

describe('an unsubscribe token', () => {
  it('names its subject to whoever has the key, in a short text that fits a URL', () => {
    const token = signUnsubscribeToken('secret', subject);
    expect(verifyUnsubscribeToken(['secret'], token)).toEqual(subject);
    expect(token).toMatch(/^[-_A-Za-z0-9]{56}$/);
  });

  it('still works after the key was changed, as long as the old one is kept', () => {
    const token = signUnsubscribeToken('old', subject);
    expect(verifyUnsubscribeToken(['new', 'old'], token)).toEqual(subject);
    expect(verifyUnsubscribeToken(['new'], token)).toBeUndefined();
    expect(verifyUnsubscribeToken([], token)).toBeUndefined();
  });

  it('is nothing when an empty key signed it', () => {
    expect(verifyUnsubscribeToken([''], signUnsubscribeToken('', subject))).toBeUndefined();
  });

  it('is nothing when a single bit is other', () => {
    const token = Buffer.from(signUnsubscribeToken('secret', subject), 'base64url');
    for (let bit = 0; bit < token.length * 8; bit += 1) {
      const forged = Buffer.from(token);
      forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(verifyUnsubscribeToken(['secret'], forged.toString('base64url'))).toBeUndefined();
    }
  });

  it.each(['', 'abc', 'x'.repeat(2000), 'äöü', '../..', 'AAAA AAAA'])(
    'is nothing when it is %.20j',
    (token) => {
      expect(verifyUnsubscribeToken(['secret'], token)).toBeUndefined();
    },
  );

  it('is nothing when names cannot be told apart', () => {
    const token = signUnsubscribeToken('secret', { ...subject, pool: 'news/spring' });
    expect(verifyUnsubscribeToken(['secret'], token)).toBeUndefined();
  });

  it('comes back as it went, and never from noise', () => {
    const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,60}[a-z0-9])?$/);
    const number = fc.integer({ min: 0, max: 9_999_999 });
    fc.assert(
      fc.property(
        fc.record({ namespace: name, pool: name, campaign: name, step: number, row: number }),
        (any) => {
          expect(verifyUnsubscribeToken(['k'], signUnsubscribeToken('k', any))).toEqual(any);
        },
      ),
    );
    fc.assert(
      fc.property(fc.base64String(), fc.string(), (noise, text) => {
        expect(verifyUnsubscribeToken(['k'], noise)).toBeUndefined();
        expect(verifyUnsubscribeToken(['k'], text)).toBeUndefined();
      }),
    );
  });
});
