import { headerField, unfoldedField } from './mime-header.ts';

/** What the header of a Marketing message says of the list it belongs to. */
export interface ListFacts {
  readonly namespace: string;
  readonly pool: string;
  readonly domain: string;
  readonly unsubscribeUrl: string;
  readonly unsubscribeMailto: string | undefined;
}

/**
 * Header fields of a mailing: one-click unsubscribe (RFC 8058; the https address first, each field on one line) and the list's identity
 * (RFC 2919), the same for all campaigns of a pool. The problem is an unsubscribe address too long for a header line.
 */
export function listFields(facts: ListFacts): readonly string[] | { readonly problem: string } {
  const { unsubscribeUrl, unsubscribeMailto } = facts;
  const mailto = unsubscribeMailto === undefined ? '' : `, <${mailtoUrl(unsubscribeMailto)}>`;
  const unsubscribe = unfoldedField('List-Unsubscribe', `<${unsubscribeUrl}>${mailto}`);
  if (unsubscribe === undefined)
    return { problem: 'the unsubscribe address is too long for a header line: shorten unsubscribe.baseUrl' };
  return [
    unsubscribe,
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    headerField('List-ID', `<${facts.pool}.${facts.namespace}.${facts.domain}>`),
  ];
}

function mailtoUrl(address: string): string {
  const at = address.lastIndexOf('@');
  return `mailto:${encodeURIComponent(address.slice(0, at))}${address.slice(at)}?subject=unsubscribe`;
}
