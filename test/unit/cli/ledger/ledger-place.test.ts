import { describe, expect, it } from 'vitest';
import { ledgerPlace } from '../../../../controller/cli/ledger/ledger-place.ts';

describe('the place of a ledger', () => {
  it.each([
    ['redis://127.0.0.1:6379', 'redis://127.0.0.1:6379/0 mailers'],
    ['redis://localhost', 'redis://127.0.0.1:6379/0 mailers'],
    ['redis://[::1]:6379/0', 'redis://127.0.0.1:6379/0 mailers'],
    ['redis://anna:se%20cret@Redis.example:6380/2', 'redis://redis.example:6380/2 mailers'],
    ['rediss://:secret@redis.example', 'redis://redis.example:6379/0 mailers'],
    ['redis+sentinel://b:26380,a/NAME', 'redis+sentinel://a:26379,b:26380/NAME mailers'],
    ['redis+cluster://u:p@b:7001,a', 'redis+cluster://a:6379,b:7001 mailers'],
    ['nonsense', 'nonsense mailers'],
  ])('%s is %s', (url, place) => {
    expect(ledgerPlace(url, 'mailers')).toBe(place);
  });
});
