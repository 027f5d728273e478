import { describe, expect, it } from 'vitest';
import { TrustedAuthorities } from '../../../controller/sender/trusted-authorities.ts';

const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

describe('the authorities that a sender trusts', () => {
  it('are the public ones where a route names none', () => {
    expect(new TrustedAuthorities().tls(undefined)).toEqual({ minVersion: 'TLSv1.2' });
  });

  it('are held once for all routes that name the same, and apart from others', () => {
    const authorities = new TrustedAuthorities();
    const [one, same, other] = ['AAAA', 'AAAA', 'BBBB'].map((body) => authorities.tls(pem(body)));
    expect(one?.minVersion).toBe('TLSv1.2');
    expect(one?.secureContext).toBeDefined();
    expect(same?.secureContext).toBe(one?.secureContext);
    expect(other?.secureContext).not.toBe(one?.secureContext);
  });
});
