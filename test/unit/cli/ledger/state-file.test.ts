import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateFile } from '../../../../controller/cli/ledger/state-file.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'state-file-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('what a machine remembers of a ledger', () => {
  const file = (place = 'redis://127.0.0.1:6379/0 mailers') => new StateFile(join(directory, 'new'), place);

  it('is nothing at first, then the last one, for each place its own', async () => {
    expect(await file().recall()).toBeUndefined();
    await file().remember(['first']);
    await file().remember(['second']);
    await file('other').remember(['third']);
    expect(await file().recall()).toEqual(['second']);
    expect(await file('other').recall()).toEqual(['third']);
    expect(await readdir(dirname(file().path))).toHaveLength(2);
  });

  it('can be read by a person', async () => {
    await file().remember(['first', 'lost']);
    expect(await file().recall()).toEqual(['first', 'lost']);
    expect(JSON.parse(await readFile(file().path, 'utf8'))).toEqual({
      place: 'redis://127.0.0.1:6379/0 mailers',
      ledger: 'first',
      replaces: ['lost'],
    });
  });

  it('is not guessed when the file is damaged', async () => {
    await file().remember(['first']);
    await writeFile(file().path, '{"place":');
    await expect(file().recall()).rejects.toThrow(
      /is damaged; delete it when Redis has not lost its content/,
    );
    await file().remember(['second']);
    expect(await file().recall()).toEqual(['second']);
  });

  it('cannot be kept where nothing can be written', async () => {
    await writeFile(join(directory, 'new'), '');
    expect(await file().recall()).toBeUndefined();
    await expect(file().remember(['first'])).rejects.toThrow(/EEXIST|ENOTDIR/);
  });
});
