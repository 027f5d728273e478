import { describe, expect, it } from 'vitest';
import {
  aMarketingRequest,
  aMessageTemplate,
  aRenderRequest,
  problemOf,
  rendered,
} from '../../../builders/message.ts';
import { one } from '../../../builders/mime.ts';

describe('a Marketing message', () => {
  it('offers one-click unsubscribe, each field on one line, https first', () => {
    const raw = rendered(aMarketingRequest({ unsubscribeMailto: 'leave+us@bücher.example' })).raw.toString();
    expect(raw).toContain(
      '\r\nList-Unsubscribe: <https://u.corp.example/u/token>, <mailto:leave%2Bus@xn--bcher-kva.example?subject=unsubscribe>\r\n' +
        'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n',
    );
    const { mime } = rendered(aMarketingRequest());
    expect(one(mime.fields, 'list-unsubscribe')).toBe('<https://u.corp.example/u/token>');
  });

  it('names its list, the same for all campaigns of the pool', () => {
    expect(one(rendered(aMarketingRequest()).mime.fields, 'list-id')).toBe('<news.default.corp.example>');
  });

  it('shows postal address and unsubscribe link although its template does not', () => {
    const template = aMessageTemplate({ html: '<html><BODY><p>Hi</p></BODY></html>\n<!-- </body> x -->' });
    const { text, html } = rendered(aMarketingRequest({ template }));
    expect(text).toBe(
      'Dear Anna,\nwelcome.\n\n-- \nCorp & Sons\n1 Example Street\nUnsubscribe: https://u.corp.example/u/token\n',
    );
    expect(html).toBe(
      '<html><BODY><p>Hi</p></BODY></html>\n<!-- <p style="font-size:12px;color:#666666">Corp &amp; Sons<br>1 Example Street<br>' +
        '<a href="https://u.corp.example/u/token">Unsubscribe</a></p>\n</body> x -->',
    );
  });

  it('gets its footer at the end when its HTML has no body element', () => {
    const { html } = rendered(aMarketingRequest({ template: aMessageTemplate({ html: '<p>Hi</p>' }) }));
    expect(html).toMatch(/^<p>Hi<\/p>\n<p style=.*Unsubscribe<\/a><\/p>\n$/s);
  });

  it('gets no footer where the template shows both, in whatever layout', () => {
    const template = aMessageTemplate({
      text: 'Corp & Sons,\r\n{{ unsubscribeUrl }}\n{{ postalAddress }}',
      html: '<p>Corp &amp; Sons<br>\n  1 Example <b>Street</b> <a href="{{ unsubscribeUrl }}">x</a></p>',
    });
    const { text, html } = rendered(aMarketingRequest({ template }));
    expect(text).toBe('Corp & Sons,\r\nhttps://u.corp.example/u/token\nCorp & Sons\n1 Example Street');
    expect(html).not.toContain('Unsubscribe</a>');
    expect(html).not.toContain('font-size');
  });

  it('gets what is missing only', () => {
    const link = rendered(
      aMarketingRequest({ template: aMessageTemplate({ html: '{{ unsubscribeUrl }}' }) }),
    );
    expect(link.html).toContain('Corp &amp; Sons<br>1 Example Street</p>');
    const address = rendered(
      aMarketingRequest({ template: aMessageTemplate({ text: '{{ postalAddress }}' }) }),
    );
    expect(address.text).toMatch(/Street\n\n-- \nUnsubscribe: https:\S+\n$/);
    const unsubscribeUrl = 'https://u.corp.example/u?t=1&u=2';
    const raw = aMessageTemplate({ html: '<a href={{ unsubscribeUrl | raw }}>x</a>' });
    expect(rendered(aMarketingRequest({ unsubscribeUrl, template: raw })).html).not.toContain(
      'Unsubscribe</a>',
    );
    const escaped = aMessageTemplate({ html: '<a href={{ unsubscribeUrl }}>x</a>' });
    expect(rendered(aMarketingRequest({ unsubscribeUrl, template: escaped })).html).not.toContain(
      'Unsubscribe</a>',
    );
  });

  it.each([
    [{ unsubscribeUrl: undefined }, /needs an https unsubscribe URL: set unsubscribe of the SendingPool/],
    [{ unsubscribeUrl: 'http://u.corp.example/t' }, /needs an https unsubscribe URL/],
    [{ unsubscribeUrl: 'https://u.corp.example/t>, <x' }, /needs an https unsubscribe URL/],
    [
      { unsubscribeUrl: `https://u.corp.example/${'t'.repeat(998)}` },
      /too long for a header line: shorten unsubscribe.baseUrl/,
    ],
    [{ postalAddress: ' \n' }, /needs a postal address: set postalAddress of the SendingPool/],
    [{ unsubscribeMailto: 'nobody' }, /^unsubscribe.mailto: "nobody" has no @$/],
  ])('is refused without what it needs: %j', (overrides, problem) => {
    expect(problemOf(aMarketingRequest(overrides))).toMatch(problem);
  });
});

describe('a Transactional message', () => {
  it('has no list fields and no footer', () => {
    const { mime, text } = rendered(aMarketingRequest({ purpose: 'Transactional' }));
    expect([...mime.fields.keys()].filter((name) => name.startsWith('list-'))).toEqual([]);
    expect(text).toBe('Dear Anna,\nwelcome.\n');
  });

  it('has link and address where the template asks for them, and fails where the pool has none', () => {
    const template = aMessageTemplate({ text: '{{ unsubscribeUrl }} {{ postalAddress }}' });
    expect(rendered(aMarketingRequest({ purpose: 'Transactional', template })).text).toMatch(
      /^https:.*Street$/s,
    );
    expect(problemOf(aRenderRequest({ template }))).toBe(
      'Template welcome, text: there is no value for unsubscribeUrl',
    );
  });
});
