import { describe, expect, it } from 'vitest';
import { splitDocuments } from '../../../../controller/cli/manifests/document-text.ts';

const cut = (file: string) => splitDocuments(file).map(({ text, firstLine }) => [firstLine, text]);

describe('cutting a file into documents', () => {
  it('cuts at the lines that begin with three hyphens, and counts lines', () => {
    expect(cut('a: 1\n---\nb: 2\nc: 3\n--- # third\nd: 4')).toEqual([
      [1, 'a: 1\n'],
      [2, '---\nb: 2\nc: 3\n'],
      [5, '--- # third\nd: 4'],
    ]);
  });

  it('leaves out documents of comments and empty lines', () => {
    expect(cut('# head\n\n---\n---\na: 1\n...\n---\n# tail\n')).toEqual([[4, '---\na: 1\n...\n']]);
    expect(cut('')).toEqual([]);
  });

  it('does not cut where hyphens are not alone at the start of a line', () => {
    const file = 'a: |\n  ---\n  b\nc: a---\n----\n';
    expect(cut(file)).toEqual([[1, file]]);
  });

  it('keeps directives with their document, and drops a byte order mark', () => {
    expect(cut('\uFEFF%YAML 1.1\n# note\n---\na: 1\n')).toEqual([[1, '%YAML 1.1\n# note\n---\na: 1\n']]);
  });

  it('cuts at Windows line ends too', () => {
    expect(cut('a: 1\r\n---\r\nb: 2\r\n')).toEqual([
      [1, 'a: 1\r\n'],
      [2, '---\r\nb: 2\r\n'],
    ]);
  });
});
