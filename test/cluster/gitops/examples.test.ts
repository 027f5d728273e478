import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensureBinaries } from '../binaries.ts';
import { manifestsOf } from '../chart/documents.ts';
import { checkout } from '../image.ts';
import { kubectl } from '../kubectl.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { runCommand } from '../process/command.ts';

const reason = await reasonToSkip('control-plane');
const build = async (folder: string) =>
  await kubectl('/dev/null', ['kustomize', join(checkout, 'examples', 'gitops', folder)]);

describe.skipIf(reason !== undefined)(
  `examples/gitops${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 30_000 },
  () => {
    beforeAll(async () => await ensureBinaries(['kubectl']), 3_600_000);

    it('lacks nothing but the Secrets, which are not in Git, as the check of a pull request says', async () => {
      const scratch = await mkdtemp(join(tmpdir(), 'gitops-examples-'));
      try {
        const file = join(scratch, 'newsletter.yaml');
        await writeFile(file, await build('newsletter'));
        const lint = [join(checkout, 'controller', 'cli', 'main.ts'), 'lint', '--filename', file];
        const said = await runCommand(process.execPath, [...lint, '--external-secrets']);
        expect(said).toContain('10 documents, 0 errors');
        const names = ['mailbox-passwords', 'relay-login', 'unsubscribe-key'];
        expect(said).toContain(
          `Secrets that must be there: ${names.map((name) => `newsletter/${name}`).join(', ')}`,
        );
        await expect(runCommand(process.execPath, lint)).rejects.toThrow(/mailbox-passwords does not exist/);
      } finally {
        await rm(scratch, { recursive: true });
      }
    });

    it('seals every Secret that the resources name', async () => {
      const text = await build('newsletter');
      const named = new Set(
        [...text.matchAll(/[sS]ecretRef:[^\n]*\n(?:\s+key:[^\n]*\n)?\s+name: (\S+)/g)].map(
          ([, name]) => name,
        ),
      );
      const sealed = manifestsOf(await build('secrets')).filter(({ kind }) => kind === 'SealedSecret');
      const names = sealed.map(({ metadata }) => metadata.name);
      expect(named.size).toBe(3);
      expect(names).toEqual(expect.arrayContaining([...named, 'mailers-redis']));
    });
  },
);
