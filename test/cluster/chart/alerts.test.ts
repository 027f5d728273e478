import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { canInstallPackages } from '../../debian/debian-packages.ts';
import { debianProgram, PROMTOOL } from '../../debian/debian-program.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { runCommand } from '../process/command.ts';
import { chartFolder } from './helm.ts';

/** What the chart puts into the place for the release's job. */
const JOB = '{job="operator",namespace="mailers-system"';

const reason = (await reasonToSkip('cluster')) ?? promtoolIsMissing();

/** Where a container engine runs the cluster, nobody may be root and able to install it. */
function promtoolIsMissing(): string | undefined {
  if (existsSync(PROMTOOL.path) || canInstallPackages()) return undefined;
  return 'The alerts cannot be tried: install promtool (Debian: apt-get install prometheus).';
}

describe.skipIf(reason !== undefined)(
  `the alerts${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 30_000 },
  () => {
    let scratch: string;
    let promtool: string;

    beforeAll(async () => {
      promtool = await debianProgram(PROMTOOL);
      scratch = await mkdtemp(join(tmpdir(), 'alerts-'));
      const rules = await readFile(join(chartFolder, 'files', 'rules', 'operator.yaml'), 'utf8');
      const group = { name: 'mailers-operator', rules: parse(rules.replaceAll('{JOB', JOB)) as unknown };
      await writeFile(join(scratch, 'rules.yaml'), stringify({ groups: [group] }));
      const cases = await readFile(join(import.meta.dirname, 'alerts', 'operator.promtool.yaml'), 'utf8');
      await writeFile(join(scratch, 'cases.yaml'), cases.replace('[RULES]', '[rules.yaml]'));
    }, 600_000);

    afterAll(() => rm(scratch, { recursive: true }));

    it('are rules that Prometheus takes', async () => {
      expect(await runCommand(promtool, ['check', 'rules', join(scratch, 'rules.yaml')])).toContain(
        'SUCCESS: 8 rules found',
      );
    });

    it('fire when the operator is in trouble, in the words they have, and not otherwise', async () => {
      expect(await runCommand(promtool, ['test', 'rules', join(scratch, 'cases.yaml')])).toContain('SUCCESS');
    });
  },
);
