import { describe, expect, it } from 'vitest';
import { MessageReader } from '../../../controller/sandbox/message-reader.ts';
import { MessageStore } from '../../../controller/sandbox/message-store.ts';

function read(message: string, isKept = false, chunkLength = message.length): MessageReader {
  const reader = new MessageReader(isKept);
  for (let at = 0; at < message.length; at += chunkLength)
    reader.push(Buffer.from(message.slice(at, at + chunkLength)));
  return reader;
}

describe('MessageReader', () => {
  it.each([
    ['Message-ID: <one@example.com>\r\n\r\nbody', 'one@example.com'],
    ['From: a\r\nmessage-id:<two@example.com>\r\nTo: b\r\n\r\n', 'two@example.com'],
    ['Message-ID:\r\n <folded@example.com>\r\n\r\n', 'folded@example.com'],
    ['Subject: no Message-ID: <x@y>\r\n\r\nMessage-ID: <in.the.body@example.com>\r\n', ''],
    ['Message-ID:\r\nSubject: x\r\n\r\n', ''],
    ['', ''],
  ])('finds the Message-ID in %j', (message, messageId) => {
    expect(read(message).messageId()).toBe(messageId);
  });

  it('finds it however the message is cut into pieces', () => {
    const message = 'Subject: x\r\nMessage-ID: <one@example.com>\r\n\r\nbody\r\n';
    for (const chunkLength of [1, 2, 7]) {
      const reader = read(message, true, chunkLength);
      expect(reader.messageId()).toBe('one@example.com');
      expect(reader.size).toBe(message.length);
      expect(reader.text.toString()).toBe(message);
    }
  });

  it('keeps no text unless asked', () => {
    expect(read('Subject: x\r\n\r\nbody').text).toHaveLength(0);
  });
});

describe('MessageStore', () => {
  it('keeps the latest messages', () => {
    const store = new MessageStore(2);
    for (const id of ['a', 'b', 'a', 'c']) store.keep(id, Buffer.from(id));
    expect(store.find('b')).toBeUndefined();
    expect(['a', 'c'].map((id) => store.find(id)?.toString())).toEqual(['a', 'c']);
  });

  it('keeps none when it is off', () => {
    const store = new MessageStore(0);
    store.keep('a', Buffer.from('a'));
    expect(store.find('a')).toBeUndefined();
  });
});
