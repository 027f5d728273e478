import { spawn } from 'node:child_process';
import { childEnvironment } from '../environment.ts';

export type CommandOptions = {
  cwd?: string;
  /** Variables to add to our own environment. */
  env?: Readonly<Record<string, string>>;
  /** Text for the standard input; none when left out. */
  input?: string;
  /** After this many milliseconds the command is killed; default 10 minutes. */
  timeoutMs?: number;
};

const stderrTail = 2_000;

/**
 * Runs a program to its end without a shell and returns its standard output.
 * @throws when it cannot start, exits with another code than 0 or takes too long; the message ends with its last words.
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: childEnvironment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 600_000,
    killSignal: 'SIGKILL',
  });
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-stderrTail);
  });
  // A program that ends before it has read its input is judged by its exit code, not by the broken pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  child.on('error', (error) => reject(new Error(`${program} did not start: ${error.message}`)));
  child.on('close', (code, signal) => {
    if (code === 0) resolve(Buffer.concat(stdout).toString());
    else reject(new Error(`${[program, ...args].join(' ')} ended with ${signal ?? code}: ${stderr.trim()}`));
  });
  return await promise;
}

/** True when the program starts and exits with 0: for questions such as "does a Docker engine answer?". */
export async function succeeds(
  program: string,
  args: readonly string[],
  timeoutMs = 10_000,
): Promise<boolean> {
  return await runCommand(program, args, { timeoutMs }).then(
    () => true,
    () => false,
  );
}
