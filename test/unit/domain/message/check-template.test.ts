import { describe, expect, it } from 'vitest';
import { checkTemplate } from '../../../../controller/domain/message/check-template.ts';

describe('a template', () => {
  it('is fine when it is Liquid, uses what is declared, and renders with its samples', () => {
    const check = checkTemplate({
      subject: 'Hello {{ first_name }}',
      html: `<p>{{ first_name }} {{ plan | upcase }} {{ city }} {{ email }} {{ unsubscribeUrl }} {{ postalAddress }}
        {% assign x = 1 %}{{ x }}{% for i in (1..2) %}{{ i }}{{ forloop.index }}{% endfor %}</p>`,
      variables: [
        { name: 'first_name', sample: 'Anna' },
        { name: 'plan', default: 'free' },
        { name: 'city' },
        { name: 'email' },
      ],
    });
    expect(check.problems).toEqual([]);
    expect(check.sizeBytes).toBeGreaterThan(700);
  });

  it('needs no variables', () => {
    expect(checkTemplate({ subject: 'Hello', text: 'x' }).problems).toEqual([]);
  });

  it.each([
    [{ subject: '{{', text: 'x' }, 'spec.subject', 'output "{{" not closed, line:1, col:1'],
    [{ subject: 'x', text: '{% nothing %}' }, 'spec.text', 'tag "nothing" not found, line:1, col:1'],
    [{ subject: 'x', html: '{{ "x" | nothing }}' }, 'spec.html', 'undefined filter: nothing, line:1, col:1'],
    [
      { subject: '{{ name }}', text: 'x' },
      'spec.subject',
      'uses {{ name }}, which is not declared: add it to variables',
    ],
    [
      { subject: 'x', html: '{% if paid %}x{% endif %}' },
      'spec.html',
      'uses {{ paid }}, which is not declared: add it to variables',
    ],
    [
      { subject: 'x', text: '{{ name }}', variables: [{ name: 'nome' }] },
      'spec.text',
      'uses {{ name }}, which is not declared: add it to variables',
    ],
    [
      { subject: 'x', text: 'x', variables: [{ name: 'constructor' }] },
      'spec.variables',
      'constructor cannot be the name of a variable: rename it',
    ],
    [
      { subject: '{% if email == "x" %}x{% endif %}', text: 'x' },
      'spec',
      'does not render with its sample values: Template sample: the subject is empty',
    ],
    [
      { subject: 'x', text: '{% for i in (1..99999999) %}{% endfor %}' },
      'spec',
      'does not render with its sample values: Template sample, text: memory alloc limit exceeded, line:1, col:1',
    ],
  ])('is at fault: %j', (spec, field, message) => {
    expect(checkTemplate(spec)).toEqual({ problems: [{ field, message }] });
  });

  it('lets an error of our own through', () => {
    const spec = {
      text: 'x',
      get subject(): string {
        throw new RangeError('ours');
      },
    };
    expect(() => checkTemplate(spec)).toThrow(new RangeError('ours'));
  });
});
