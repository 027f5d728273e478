import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NOTHING_FOUND =
  'No Redis found. Set REDIS_URL, or install redis-server (Debian and Ubuntu: apt-get install redis-server; macOS: brew install redis), or start Docker.';

/** Path of a Redis-compatible server program, installed when a package manager is at hand; undefined when there is none. */
export function ensureRedisProgram() {
  const found = redisProgram();
  if (found) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get')) {
    console.error('Installing redis-server (apt-get) …');
    // Another program may be at apt-get, too.
    installQuietly('apt-get', ['-o', 'DPkg::Lock::Timeout=300', 'update', '-qq']);
    // policy-rc.d keeps the package from starting a system service: the project starts its own on a free port.
    installQuietly('sh', [
      '-c',
      'printf "#!/bin/sh\\nexit 101\\n" > /usr/sbin/policy-rc.d.mailers && chmod +x /usr/sbin/policy-rc.d.mailers && ' +
        '{ [ -e /usr/sbin/policy-rc.d ] || mv /usr/sbin/policy-rc.d.mailers /usr/sbin/policy-rc.d; }; ' +
        'DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq redis-server; status=$?; ' +
        'grep -q "exit 101" /usr/sbin/policy-rc.d && rm -f /usr/sbin/policy-rc.d; rm -f /usr/sbin/policy-rc.d.mailers; exit $status',
    ]);
  } else if (process.platform === 'darwin' && onPath('brew')) {
    console.error('Installing redis (brew) …');
    installQuietly('brew', ['install', '--quiet', 'redis']);
  }
  return redisProgram();
}

/**
 * A Redis for one run: REDIS_URL when set, else an own server on a free loopback port with an append-only file and no eviction,
 * in a temporary directory that goes with it.
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startRedisForRun() {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, stop: async () => undefined };
  const program = ensureRedisProgram();
  if (program) return startProgram(program);
  if (dockerAnswers()) return startContainer();
  throw new Error(NOTHING_FOUND);
}

function redisProgram() {
  return ['redis-server', 'valkey-server'].find(onPath);
}

function onPath(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

function installQuietly(command, args) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.status !== 0)
    console.error(`${command} ${args[0]} failed: ${String(result.stderr).trim().slice(-400)}`);
}

function dockerAnswers() {
  return onPath('docker') && spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;
}

async function startProgram(program) {
  const directory = mkdtempSync(join(tmpdir(), 'mailers-redis-'));
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    directory,
    '--appendonly',
    'yes',
    '--maxmemory-policy',
    'noeviction',
    '--save',
    '',
  ];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  const exited = new Promise((resolve) => child.on('exit', resolve));
  await answering(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function startContainer() {
  const port = await freePort();
  const started = spawnSync(
    'docker',
    [
      'run',
      '--rm',
      '-d',
      '-p',
      `127.0.0.1:${port}:6379`,
      'redis:7',
      'redis-server',
      '--appendonly',
      'yes',
      '--maxmemory-policy',
      'noeviction',
    ],
    { encoding: 'utf8' },
  );
  if (started.status !== 0) throw new Error(`docker run redis:7 failed: ${started.stderr.trim()}`);
  await answering(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => void spawnSync('docker', ['stop', started.stdout.trim()], { stdio: 'ignore' }),
  };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function answering(port) {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    if (await pings(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`Redis on port ${port} did not answer PING within 15 s.`);
}

function pings(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    socket.on('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.on('error', () => resolve(false));
  });
}
