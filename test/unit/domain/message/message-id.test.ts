import { describe, expect, it } from 'vitest';
import { messageIdOf } from '../../../../controller/domain/message/message-id.ts';

describe('the Message-ID', () => {
  const identity = {
    namespace: 'default',
    pool: 'news',
    campaign: 'spring',
    step: 0,
    recipientKey: 'anna@example.com',
    domain: 'corp.example',
  };

  it('is stable, and says nothing of the recipient', () => {
    expect(messageIdOf(identity)).toBe(messageIdOf({ ...identity }));
    expect(messageIdOf(identity)).toMatch(/^[0-9a-f]{32}@corp\.example$/);
  });

  it('is another for another message', () => {
    const others = [
      { namespace: 'other' },
      { pool: 'other' },
      { campaign: 'other' },
      { step: 1 },
      { recipientKey: 'other' },
      { pool: 'new', campaign: 's-spring' },
    ];
    const ids = [{}, ...others].map((change) => messageIdOf({ ...identity, ...change }));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
