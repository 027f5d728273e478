import { describe, expect, it } from 'vitest';
import { organisationalDomain, parseDomain } from '../../../../controller/domain/address/domain-name.ts';

describe('a domain', () => {
  it('is given in lower case with A-labels', () => {
    expect(parseDomain('Mail.Bücher.Example.')).toEqual({ domain: 'mail.xn--bcher-kva.example' });
  });

  it('belongs to the organisation that registered it', () => {
    expect(organisationalDomain('mail.corp.co.uk')).toBe('corp.co.uk');
    expect(organisationalDomain('corp.example')).toBe('corp.example');
    expect(organisationalDomain('app.github.io')).toBe('github.io');
    expect(organisationalDomain('co.uk')).toBe('co.uk');
  });
});
