#!/usr/bin/env node
// Entry of every npm script. Plain JavaScript that runs on Node 18 and later: it installs what is missing,
// then goes on under the project's own Node (dev dependency `node`), which runs the TypeScript as it is.
import { spawn } from 'node:child_process';
import { ensureDependencies, projectNode, projectRoot } from './dependencies.mjs';
import { scripts } from './scripts.mjs';

const [name, ...args] = process.argv.slice(2);
const script = scripts[name ?? ''];
if (!script) {
  console.error(`Unknown script "${name ?? ''}". Known: ${Object.keys(scripts).join(', ')}.`);
  process.exit(2);
}
ensureDependencies();
process.exitCode = await script(run, args);

/**
 * Runs a command of the project under its own Node and resolves with the exit code. Signals are passed on, so that Ctrl-C
 * reaches the child once and this process ends with it.
 * @param {string[]} argv arguments of node
 * @param {{ env?: Record<string, string>, quiet?: boolean }} [options]
 */
function run(argv, options = {}) {
  const node = projectNode();
  const path = `${projectRoot}/node_modules/.bin:${process.env.PATH ?? ''}`;
  const child = spawn(node, argv, {
    cwd: process.env.INIT_CWD && name === 'mailers' ? process.env.INIT_CWD : projectRoot,
    stdio: 'inherit',
    env: { ...process.env, PATH: path, ...options.env },
  });
  const pass = (signal) => child.kill(signal);
  process.on('SIGINT', pass);
  process.on('SIGTERM', pass);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`Cannot run ${node}: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code, signal) => {
      process.off('SIGINT', pass);
      process.off('SIGTERM', pass);
      resolve(signal ? 128 + (signal === 'SIGINT' ? 2 : 15) : (code ?? 1));
    });
  });
}
