import { binaryPath } from './binaries.ts';
import { runCommand, type CommandOptions } from './process/command.ts';

/**
 * Runs kubectl as the user of the kubeconfig file and returns what it printed.
 * @throws with kubectl's own words when it exits with an error.
 */
export async function kubectl(
  kubeconfig: string,
  args: readonly string[],
  options: Pick<CommandOptions, 'input' | 'timeoutMs'> = {},
): Promise<string> {
  return await runCommand(binaryPath('kubectl'), ['--kubeconfig', kubeconfig, ...args], options);
}
