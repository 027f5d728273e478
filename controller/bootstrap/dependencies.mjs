import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Runs `npm ci` when node_modules is missing or does not hold what package-lock.json names. */
export function ensureDependencies() {
  if (isInstalled() && existsSync(projectNodePath())) return;
  console.error('Installing dependencies (npm ci) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(npm, ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (result.status !== 0) {
    console.error(
      'npm ci failed: see its message above. The project needs Node >= 18 with npm and the npm registry.',
    );
    process.exit(1);
  }
}

/** The project's own Node, or this one when it is new enough. */
export function projectNode() {
  if (existsSync(projectNodePath())) return projectNodePath();
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return process.execPath;
  console.error(
    `The dev dependency "node" did not install its program for ${process.platform}-${process.arch}, and this Node (${process.version}) is older than 22.19. Install Node 22.19 or later.`,
  );
  return process.exit(1);
}

function projectNodePath() {
  return join(projectRoot, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** Compares the lock file with npm's own record of what it installed; optional packages of other platforms may be absent. */
function isInstalled() {
  const wanted = readLock('package-lock.json');
  const installed = readLock(join('node_modules', '.package-lock.json'));
  if (!wanted || !installed) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    return found ? found.version === entry.version : entry.optional === true || entry.devOptional === true;
  });
}

function readLock(path) {
  const file = join(projectRoot, path);
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
