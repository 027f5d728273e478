import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadManifests } from '../../../controller/cli/manifests/load.ts';
import { readPolicy } from '../../../controller/cli/policy-file.ts';
import { compile } from '../../../controller/domain/compile/compile.ts';
import { ensureBinaries } from '../binaries.ts';
import { manifestsOf } from '../chart/documents.ts';
import { checkout } from '../image.ts';
import { kubectl } from '../kubectl.ts';
import { reasonToSkip } from '../machine-facts.ts';

const reason = await reasonToSkip('control-plane');
const build = async (folder: string) =>
  await kubectl('/dev/null', ['kustomize', join(checkout, 'examples', 'gitops', folder)]);

describe.skipIf(reason !== undefined)(
  `examples/gitops${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 30_000 },
  () => {
    beforeAll(async () => await ensureBinaries(['kubectl']), 3_600_000);

    it('lacks nothing but the Secrets, which are not in Git', async () => {
      const scratch = await mkdtemp(join(tmpdir(), 'gitops-examples-'));
      try {
        const file = join(scratch, 'newsletter.yaml');
        await writeFile(file, await build('newsletter'));
        const { errors, resources } = await loadManifests([file]);
        expect(errors).toEqual([]);
        const { problems } = compile(resources, await readPolicy());
        expect(new Set(problems.map(({ reason: why }) => why))).toEqual(new Set(['SecretNotFound']));
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
