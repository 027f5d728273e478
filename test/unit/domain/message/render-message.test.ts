import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TemplateCache } from '../../../../controller/domain/message/compiled-template.ts';
import { renderMessage } from '../../../../controller/domain/message/render-message.ts';
import { anyCharacter } from '../../../builders/any-character.ts';
import { aMessageTemplate, aRenderRequest, problemOf, rendered } from '../../../builders/message.ts';
import { one } from '../../../builders/mime.ts';

describe('a message', () => {
  it('has the header of RFC 5322 and the text as the only part when there is no HTML', () => {
    const { raw, subject, text, html } = rendered(aRenderRequest());
    expect(raw.toString()).toBe(
      [
        'From: "Bob" <bob@corp.example>',
        'To: anna@example.net',
        'Subject: Hello Anna',
        'Message-ID: <0123456789abcdef@corp.example>',
        'Date: Tue, 24 Nov 2026 09:30:05 +0000',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: quoted-printable',
        '',
        'Dear Anna,',
        'welcome.',
        '',
        '',
      ].join('\r\n'),
    );
    expect({ subject, text, html }).toEqual({
      subject: 'Hello Anna',
      text: 'Dear Anna,\nwelcome.\n',
      html: undefined,
    });
  });

  it('has text before HTML as alternatives', () => {
    const { mime } = rendered(
      aRenderRequest({ template: aMessageTemplate({ html: '<p>Dear {{ first_name }} – {{ email }}</p>' }) }),
    );
    expect(one(mime.fields, 'content-type')).toMatch(/^multipart\/alternative; boundary="=_[0-9a-f]{32}"$/);
    expect(mime.parts.map((part) => [one(part.fields, 'content-type'), part.body])).toEqual([
      ['text/plain; charset=utf-8', 'Dear Anna,\r\nwelcome.\r\n'],
      ['text/html; charset=utf-8', '<p>Dear Anna – anna@example.net</p>'],
    ]);
  });

  it('carries its idempotency key where the route has one, made of its Message-ID alone', () => {
    const idempotencyHeader = 'Resend-Idempotency-Key';
    const keyOf = (messageId: string) =>
      /^Resend-Idempotency-Key: ([0-9a-f]{32})\r$/m.exec(
        String(rendered(aRenderRequest({ idempotencyHeader, messageId })).raw),
      )?.[1];
    expect(keyOf('a1@corp.example')).toBeDefined();
    expect(keyOf('a1@corp.example')).not.toBe(keyOf('b2@corp.example'));
    expect(String(rendered(aRenderRequest()).raw)).not.toContain(idempotencyHeader);
  });

  it('is the same, byte for byte, whenever it is rendered', () => {
    const request = aRenderRequest({ template: aMessageTemplate({ html: '<p>x</p>' }) });
    expect(rendered(request).raw).toEqual(rendered(structuredClone(request)).raw);
  });

  it('encodes names and subjects beyond ASCII, and writes domains as A-labels', () => {
    const { mime } = rendered(
      aRenderRequest({
        template: aMessageTemplate({
          subject: 'Grüße an {{ first_name }}: 你好 😀, dies ist ein langer Betreff mit Umlauten äöü',
        }),
        sender: { address: 'bob@bücher.example', displayName: 'Bäcker, "Bob"' },
        replyTo: 'Antwort@bücher.example',
      }),
    );
    expect(one(mime.fields, 'subject')).toBe(
      'Grüße an Anna: 你好 😀, dies ist ein langer Betreff mit Umlauten äöü',
    );
    expect(one(mime.fields, 'from')).toBe('Bäcker, "Bob" <bob@xn--bcher-kva.example>');
    expect(one(mime.fields, 'reply-to')).toBe('Antwort@xn--bcher-kva.example');
  });

  it('quotes a name with special characters, and needs none', () => {
    const from = (displayName: string) =>
      one(
        rendered(aRenderRequest({ sender: { address: 'bob@corp.example', displayName } })).mime.fields,
        'from',
      );
    expect(from('Smith, "Bob" \\ (CEO)')).toBe('"Smith, \\"Bob\\" \\\\ (CEO)" <bob@corp.example>');
    expect(from('')).toBe('bob@corp.example');
  });

  it('writes a quoted local part as it is', () => {
    const { mime } = rendered(
      aRenderRequest({ row: { address: '"anna  x"@example.net', variables: { first_name: 'A' } } }),
    );
    expect(one(mime.fields, 'to')).toBe('"anna  x"@example.net');
  });

  it('carries no word of the recipient beside To and the body', () => {
    const { mime } = rendered(aRenderRequest({ template: aMessageTemplate({ subject: 'News', text: 'x' }) }));
    const { fields } = mime;
    expect([...fields.keys()].filter((name) => name.startsWith('x-'))).toEqual([]);
    const withAnna = [...fields].filter(([, values]) => values.join().includes('anna')).map(([name]) => name);
    expect(withAnna).toEqual(['to']);
  });

  it('escapes values in HTML, not in text', () => {
    const template = aMessageTemplate({
      text: '{{ first_name }}',
      html: '<p title="{{ first_name }}">{{ first_name }} {{ first_name | upcase }}</p>',
    });
    const value = `<b>&"'`;
    const { text, html } = rendered(
      aRenderRequest({ template, row: { address: 'a@example.net', variables: { first_name: value } } }),
    );
    expect(text).toBe(value);
    expect(html).toBe(
      '<p title="&lt;b&gt;&amp;&quot;&#39;">&lt;b&gt;&amp;&quot;&#39; &lt;B&gt;&amp;&quot;&#39;</p>',
    );
  });
});

describe('the values of a row', () => {
  const row = { address: 'anna@example.net', variables: {} };

  it('fail the row by name when one is missing', () => {
    expect(problemOf(aRenderRequest({ row }))).toBe(
      'Template welcome, text: there is no value for first_name',
    );
    const template = aMessageTemplate({ text: 'x' });
    expect(problemOf(aRenderRequest({ row, template }))).toBe(
      'Template welcome, subject: there is no value for first_name',
    );
    const html = aMessageTemplate({ text: 'x', subject: 'x', html: '{{ first_name.last }}' });
    expect(problemOf(aRenderRequest({ template: html }))).toBe(
      'Template welcome, html: there is no value for first_name.last',
    );
  });

  it('use the default, the template’s own or the declared one', () => {
    const template = aMessageTemplate({
      text: 'Dear {{ first_name }} {{ last_name | default: "Doe" }}{% if title %} {{ title }}{% endif %}',
      variables: [{ name: 'first_name', default: 'friend' }],
    });
    expect(rendered(aRenderRequest({ row, template })).text).toBe('Dear friend Doe');
  });

  it('cannot take over what is always there, nor reach prototypes', () => {
    const template = aMessageTemplate({ subject: 'x', text: '{{ email }}' });
    const variables = { email: 'eve@example.net', ...JSON.parse('{"__proto__":{"first_name":"Eve"}}') };
    expect(rendered(aRenderRequest({ template, row: { address: 'anna@example.net', variables } })).text).toBe(
      'anna@example.net',
    );
    for (const name of ['constructor', 'toString', '__proto__', 'email.constructor'])
      expect(
        problemOf(aRenderRequest({ template: aMessageTemplate({ subject: 'x', text: `{{ ${name} }}` }) })),
      ).toBe(`Template welcome, text: there is no value for ${name}`);
  });

  it('are not read as Liquid', () => {
    const variables = { first_name: '{{ email }}{% if %}' };
    expect(rendered(aRenderRequest({ row: { ...row, variables } })).text).toContain(
      'Dear {{ email }}{% if %},',
    );
  });
});

describe('a message that cannot be', () => {
  it.each([
    ['{{ first_name', /^Template welcome, text: output "\{\{ first_name" not closed/],
    ['{% if first_name %}', /^Template welcome, text: tag .* not closed/],
    ['{{ first_name | shout }}', /^Template welcome, text: undefined filter: shout/],
    ['{% include "/etc/passwd" %}', /^Template welcome, text: tag "include" not found/],
    ['{% render "x" %}', /^Template welcome, text: tag "render" not found/],
    ['{% layout "x" %}', /^Template welcome, text: tag "layout" not found/],
    ['{% for i in (1..100000000) %}x{% endfor %}', /^Template welcome, text: memory alloc limit exceeded/],
  ])('says why: %s', (text, problem) => {
    expect(problemOf(aRenderRequest({ template: aMessageTemplate({ subject: 'x', text }) }))).toMatch(
      problem,
    );
  });

  it('has no subject', () => {
    expect(
      problemOf(aRenderRequest({ template: aMessageTemplate({ subject: '{% if no %}x{% endif %}\n' }) })),
    ).toBe('Template welcome: the subject is empty');
  });

  it('has an address that no header can hold', () => {
    expect(problemOf(aRenderRequest({ replyTo: 'anna@localhost' }))).toBe(
      'Reply-To: "anna@localhost" has a domain without a dot',
    );
    expect(problemOf(aRenderRequest({ sender: { address: 'jürgen@corp.example', displayName: '' } }))).toBe(
      'From: "jürgen@corp.example" has letters beyond ASCII before the @',
    );
  });

  it('lets an error of our own through', () => {
    const broken = new (class extends TemplateCache {
      override get(): never {
        throw new RangeError('ours');
      }
    })();
    expect(() => renderMessage(aRenderRequest(), broken)).toThrow(new RangeError('ours'));
  });
});

describe('header injection', () => {
  it('is impossible: a line end in a value becomes a space', () => {
    const evil = 'Anna\r\nBcc: eve@example.net\n\nbody\u2028x\u0000';
    const { mime, subject } = rendered(
      aRenderRequest({
        row: { address: 'anna@example.net', variables: { first_name: evil } },
        sender: { address: 'bob@corp.example', displayName: evil },
        messageId: 'x\r\nBcc: y@corp.example',
      }),
    );
    expect(subject).toBe('Hello Anna Bcc: eve@example.net body x');
    expect(one(mime.fields, 'from')).toBe('"Anna Bcc: eve@example.net body x" <bob@corp.example>');
    expect(mime.fields.has('bcc')).toBe(false);
  });

  it('is impossible by any text, and every message is well-formed', () => {
    const unit = fc.oneof(
      fc.constantFrom(
        '\r',
        '\n',
        '\r\n',
        ':',
        '=?UTF-8?Q?=0D=0ABcc:_x?=',
        '=?',
        '?=',
        ' ',
        '\t',
        '"',
        '\\',
        '.',
        '\u2029',
        '\uD800',
        'ä',
        '😀',
        '=3D',
      ),
      fc.string({ unit: anyCharacter, maxLength: 4 }),
    );
    const anyValue = fc.array(unit, { maxLength: 30 }).map((pieces) => pieces.join(''));
    const names = ['from', 'to', 'subject', 'message-id', 'date', 'mime-version', 'content-type'];
    const template = aMessageTemplate({ html: '<p>{{ first_name }}</p>' });
    const templates = new TemplateCache();
    fc.assert(
      fc.property(anyValue, anyValue, (first_name, displayName) => {
        const row = { address: 'anna@example.net', variables: { first_name } };
        const { mime, text, html, subject } = rendered(
          aRenderRequest({ template, row, sender: { address: 'bob@corp.example', displayName } }),
          templates,
        );
        const { fields, parts } = mime;
        expect([...fields.keys()]).toEqual(names);
        expect(one(fields, 'subject')).toBe(subject);
        const lines = (body: string) => body.toWellFormed().replace(/\r\n|\r|\n/g, '\r\n');
        expect(parts.map(({ body }) => body)).toEqual([lines(text), lines(String(html))]);
      }),
      { numRuns: 300 },
    );
  });
});
