import { describe, expect, it } from 'vitest';
import { deriveText, textConverter } from '../../../../controller/domain/message/derived-text.ts';
import { aMessageTemplate, aRenderRequest, rendered } from '../../../builders/message.ts';

function textOf(html: string, first_name = 'Anna'): string {
  const { subject, variables, name } = aMessageTemplate();
  const row = { address: 'anna@example.net', variables: { first_name } };
  return rendered(aRenderRequest({ template: { name, subject, variables, html }, row })).text;
}

describe('the plain text of an HTML template', () => {
  it('is readable: blocks, lists, links with their target, no styles, images or titles', () => {
    const html = `<html><head><title>{{ first_name }}</title><style>p { color: red }</style></head><body>
      <h1>Hello {{ first_name }}</h1><img src="https://example.com/x.png" alt="x">
      <p>Dear&nbsp;{{ first_name }},<br>see <a href="https://example.com/{{ first_name }}">our page</a> or
      <a href="https://example.com">https://example.com</a>.</p>
      <ul>{% for i in (1..2) %}<li>No. {{ i }}</li>{% endfor %}</ul></body></html>`;
    expect(textOf(html)).toBe(
      'Hello Anna\n\nDear\u00A0Anna,\nsee our page [https://example.com/Anna] or https://example.com.\n\n * No. 1\n\n * No. 2',
    );
  });

  it('shows values as they are', () => {
    expect(textOf('<p>Dear {{ first_name }}</p>', '<b>A & B</b>')).toBe('Dear <b>A & B</b>');
  });

  it.each([
    ['<p>{{ first_name | raw }}</p>', 'Anna'],
    ['<p>{{ first_name | escape }}</p>', 'Anna'],
    ['<p>{% raw %}{{ x }}{% endraw %}</p>', '{{ x }}'],
    ['<p>{% comment %}{{ x }}{% endcomment %}-</p>', '-'],
    ['<p {% if first_name %}class="x"{% endif %}>x</p>', 'x'],
    ['<p>&#123;{ x }}</p>', '{{ x }}'],
    ['<p>\uE0000\uE001</p>', '\uE0000\uE001'],
  ])('is made of the rendered HTML where the template alone does not tell: %s', (html, shown) => {
    expect(deriveText(html, textConverter())).toBeUndefined();
    expect(textOf(html)).toBe(shown);
  });

  it('is empty when there is nothing to read', () => {
    const { text: _, ...template } = aMessageTemplate();
    expect(rendered(aRenderRequest({ template })).text).toBe('');
  });
});
