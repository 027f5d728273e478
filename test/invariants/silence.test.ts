import { describe, expect, it } from 'vitest';
import { anEvidence } from '../builders/evidence.ts';
import { aWireTransaction } from '../builders/wire.ts';
import { silenceViolations } from './silence.ts';

const ACKNOWLEDGED = 50_000;

function seen(rcpt: string, timeMs: number, address: string) {
  const wireLog = [aWireTransaction({ timeMs, rcpts: [rcpt], acceptedRcpts: [] })];
  return silenceViolations(
    anEvidence({ wireLog, suppressions: [{ address, acknowledgedMs: ACKNOWLEDGED }] }),
  );
}

describe('suppressed means silent', () => {
  it('is kept when nothing is suppressed', () => {
    expect(silenceViolations(anEvidence())).toEqual([]);
  });

  it('is broken by a RCPT after the acknowledgement, even a refused one', () => {
    const [violation] = seen('rita@example.net', ACKNOWLEDGED + 1, 'rita@example.net');
    expect(violation?.text).toMatch(
      /to rita@example\.net .* although rita@example\.net was suppressed since/,
    );
  });

  it('is kept by what was on the wire before', () => {
    expect(seen('rita@example.net', ACKNOWLEDGED, 'rita@example.net')).toEqual([]);
  });

  it('covers every spelling of the address', () => {
    expect(seen('R.I.T.A+x@GoogleMail.com', ACKNOWLEDGED + 1, 'rita@gmail.com')).toHaveLength(1);
    expect(seen('rita2@gmail.com', ACKNOWLEDGED + 1, 'rita@gmail.com')).toEqual([]);
  });

  it('covers a domain with its subdomains', () => {
    expect(seen('rita@shop.example.net', ACKNOWLEDGED + 1, '@example.net')).toHaveLength(1);
    expect(seen('rita@notexample.net', ACKNOWLEDGED + 1, '@example.net')).toEqual([]);
  });

  it('cannot be checked for a suppression that is none', () => {
    expect(() => seen('rita@example.net', 1, 'com')).toThrow('neither an address nor a domain');
  });
});
