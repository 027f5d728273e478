import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Runs a program of the project with the output shown; resolves with its exit code. */
export function show(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => {
      process.stderr.write(`Cannot run ${program}: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

/**
 * Runs a program with its output shown in whole lines, so that programs that run beside each other do not cut each other's; resolves with its
 * exit code.
 */
export function showLines(program: string, args: readonly string[]): Promise<number> {
  const color = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...color },
    });
    passLines(child.stdout, process.stdout);
    passLines(child.stderr, process.stderr);
    child.on('error', (error) => {
      process.stderr.write(`Cannot run ${program}: ${error.message}\n`);
      resolve(1);
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function passLines(from: Readable, to: NodeJS.WritableStream): void {
  let rest = '';
  from.setEncoding('utf8');
  from.on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) to.write(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  });
  from.on('end', () => {
    if (rest !== '') to.write(`${rest}\n`);
  });
}

/**
 * Runs a program behind all others that want the processor, so that it fills the time in which they wait, and keeps quiet unless it fails; then
 * its whole output is printed.
 */
export function quietUnlessFailing(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn('nice', ['-n', '10', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (data: Buffer) => output.push(data));
    child.stderr.on('data', (data: Buffer) => output.push(data));
    child.on('error', (error) => output.push(Buffer.from(error.message)));
    child.on('close', (code) => {
      if (code !== 0) process.stdout.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}
