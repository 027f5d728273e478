import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withFileLock } from './file-lock.ts';

describe('a file lock', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'file-lock-'));
  });
  afterAll(async () => await rm(dir, { recursive: true }));

  it('lets one in after the other', async () => {
    const events: string[] = [];
    const visit = async (name: string) =>
      await withFileLock(join(dir, 'turns'), async () => {
        events.push(`${name} in`);
        await Promise.resolve();
        events.push(`${name} out`);
      });
    await Promise.all([visit('one'), visit('two')]);
    const [first] = events[0]?.split(' ') ?? [];
    const second = first === 'one' ? 'two' : 'one';
    expect(events).toEqual([`${first} in`, `${first} out`, `${second} in`, `${second} out`]);
  });

  it('takes over from a holder that has died', async () => {
    const path = join(dir, 'stale');
    await writeFile(path, `${process.pid} 1`);
    expect(await withFileLock(path, async () => await Promise.resolve('done'))).toBe('done');
    expect(existsSync(path)).toBe(false);
  });

  it('is free again after a failure', async () => {
    const path = join(dir, 'failing');
    await expect(withFileLock(path, async () => await Promise.reject(new Error('broken')))).rejects.toThrow(
      'broken',
    );
    expect(existsSync(path)).toBe(false);
  });
});
