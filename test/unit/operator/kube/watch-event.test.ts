import { array, assert, constantFrom, nat, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isExpired } from '../../../../controller/operator/kube/api-error.ts';
import {
  isInitialEventsEnd,
  LineSplitter,
  parseWatchEvent,
} from '../../../../controller/operator/kube/watch-event.ts';

describe('a line splitter', () => {
  it('gives the same lines wherever the bytes were cut, also inside a character', () => {
    assert(
      property(
        array(constantFrom('plain', 'ü', '✉️', '"quoted\n"', ''), { maxLength: 12 }),
        array(nat(9), { maxLength: 12 }),
        (texts, cuts) => {
          const lines = texts.map((text) => JSON.stringify(text));
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const seen: string[] = [];
          const splitter = new LineSplitter((line) => seen.push(line.toString()));
          let start = 0;
          for (const length of cuts) {
            splitter.push(bytes.subarray(start, start + length));
            start += length;
          }
          splitter.push(bytes.subarray(start));
          expect(seen).toEqual(lines);
        },
      ),
    );
  });

  it('keeps an unfinished line to itself', () => {
    const seen: string[] = [];
    const splitter = new LineSplitter((line) => seen.push(line.toString()));
    splitter.push(Buffer.from('{"half'));
    expect(seen).toEqual([]);
    splitter.push(Buffer.from('":1}\n'));
    expect(seen).toEqual(['{"half":1}']);
  });
});

describe('a watch event', () => {
  const parse = (event: unknown) => parseWatchEvent('watch widgets', Buffer.from(JSON.stringify(event)));

  it.each(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'])('of type %s is understood', (type) => {
    expect(parse({ type, object: { metadata: { name: 'a' } } }).type).toBe(type);
  });

  it('that reports an error becomes that error', () => {
    const line = JSON.stringify({
      type: 'ERROR',
      object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' },
    });
    try {
      parseWatchEvent('watch widgets', Buffer.from(line));
      expect.unreachable();
    } catch (error) {
      expect(isExpired(error)).toBe(true);
      expect(String(error)).toBe('ApiError: watch widgets: Expired (410)');
    }
  });

  it.each(['not json', '{}', '{"type":"NEWS","object":{"metadata":{}}}', '{"type":"ADDED"}'])(
    'refuses %s instead of skipping it',
    (line) => {
      expect(() => parseWatchEvent('watch widgets', Buffer.from(line))).toThrow('something that is not JSON');
    },
  );

  it('can be had without the managedFields, which then are not even read', () => {
    const line = '{"type":"ADDED","object":{"metadata":{"managedFields":[not even JSON],"name":"a"}}}';
    expect(parseWatchEvent('watch widgets', Buffer.from(line), true).object.metadata).toEqual({ name: 'a' });
  });

  it('knows the bookmark that ends the initial events', () => {
    const bookmark = (annotations?: object) =>
      parse({ type: 'BOOKMARK', object: { metadata: { annotations } } });
    expect(isInitialEventsEnd(bookmark({ 'k8s.io/initial-events-end': 'true' }))).toBe(true);
    expect(isInitialEventsEnd(bookmark())).toBe(false);
  });
});
