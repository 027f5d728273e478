import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { binaryPath } from './binaries.ts';
import { searchPath } from './environment.ts';
import { checkout } from './image.ts';
import { appImage } from './image-names.ts';
import { runCommand } from './process/command.ts';

/** The commands of the README's section on Kubernetes, in their order, with the image that the test cluster has at hand. */
export async function clusterCommands(): Promise<string[]> {
  const readme = await readFile(join(checkout, 'README.md'), 'utf8');
  const [, section = ''] = readme.split(/^## On Kubernetes$/m);
  const [own = ''] = section.split(/^## /m);
  const blocks = [...own.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n'))
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('REGISTRY/mailers', appImage.slice(0, appImage.lastIndexOf(':'))));
}

/**
 * Runs a line as a person would in the checkout's folder, with the cluster's kubectl and helm, and returns what it printed.
 * @throws with its last words when it ends with an error.
 */
export async function runAsWritten(line: string, kubeconfig: string): Promise<string> {
  const programs = [dirname(binaryPath('kubectl')), dirname(binaryPath('helm')), searchPath()];
  const env = { KUBECONFIG: kubeconfig, PATH: programs.join(':') };
  return await runCommand('sh', ['-c', line], { cwd: checkout, env });
}
