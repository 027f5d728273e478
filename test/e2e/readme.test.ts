import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Runs this very test, among all others. */
const SELF = 'npm test';

async function commandsOfReadme(): Promise<string[]> {
  const readme = await readFile(`${ROOT}/README.md`, 'utf8');
  const blocks = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.split('\n')).filter((line) => line.trim() !== '');
}

function shell(command: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn('sh', ['-c', command], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    child.on('close', (code) => resolve({ code, output }));
  });
}

const commands = await commandsOfReadme();

describe('the README', () => {
  it('names the demo and the tests', () => {
    expect(commands).toEqual(expect.arrayContaining(['npm run demo', SELF]));
  });

  it.each(commands.filter((command) => command !== SELF))(
    'tells a command that works: %s',
    async (command) => {
      const { code, output } = await shell(command);
      expect(code, output).toBe(0);
      if (command === 'npm run demo')
        expect(output).toMatch(/The report equals the sandbox's wire log: \d+ numbers compared/);
    },
  );
});
