import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

const PASSWORD = 'secret';
const ACL_FILE = new URL('../../../controller/ledger/redis.acl', import.meta.url);

/** Makes the user of controller/ledger/redis.acl, for the prefixes of tests, and answers the URL by which it logs in. */
export async function logInWithLeastRights(admin: Redis, port: number): Promise<string> {
  const line = readFileSync(ACL_FILE, 'utf8')
    .split('\n')
    .find((text) => text.startsWith('user '));
  if (line === undefined) throw new Error('redis.acl names no user');
  const [, user = '', ...rules] = line
    .replace('PASSWORD', PASSWORD)
    .replace('~mailers:*', '~test-*')
    .split(' ');
  await admin.call('ACL', 'SETUSER', user, ...rules);
  return `redis://${user}:${PASSWORD}@127.0.0.1:${port}`;
}
