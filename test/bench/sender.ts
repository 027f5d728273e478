import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createTransport } from 'nodemailer';
import pino from 'pino';
import { stringify } from 'yaml';
import { readPolicy } from '../../controller/cli/policy-file.ts';
import { importAudience } from '../../controller/cli/run/audience-import.ts';
import { SenderGroup } from '../../controller/cli/run/sender-group.ts';
import { systemClock } from '../../controller/cli/system-clock.ts';
import { openRedisLedger } from '../../controller/ledger/redis-ledger.ts';
import { aPlan, aPlanCampaign, aPlanEsp } from '../builders/plan.ts';
import { startRedis } from '../redis/redis-server.ts';
import { startRelay } from './sender/postfix.ts';

/**
 * Messages per second of one sender process through the whole path (suppression, quota, route, SMTP, settle, record) beside a bare
 * nodemailer pool and a Postfix as a relay with as many connections to the same sink, in turn, in the same run. Usage:
 * `npm run bench:sender -- [messages] [connections]`.
 */
const [messages = 5_000, connections = 10] = process.argv.slice(2).map(Number);
const PORT = 3587;
const HTTP_PORT = 3588;
const KEY = { namespace: 'bench', pool: 'pool', campaign: 'launch' };
const MAIN = fileURLToPath(new URL('../../controller/cli/main.ts', import.meta.url));
const HTML = `<p>Hello {{ name }}</p>${'<p>Some two kilobytes of text, as a newsletter has them.</p>'.repeat(34)}`;

const directory = await mkdtemp(join(tmpdir(), 'mailers-bench-'));
const ca = await startSink(directory);
const redis = await startRedis();
const to = { port: PORT, username: 'u', password: 'p' };
const relay = await startRelay({ to, certificate: ca.certificate, connections });
try {
  for (let round = 1; round <= 3; round += 1) {
    const bare = await measure(() => sendBare(ca.certificate));
    const whole = await measure(() => sendWhole(ca.certificate, round));
    const postfix = await measure(sendByPostfix);
    console.log(
      `round ${round}: bare pool ${said(bare)}  mailers ${said(whole)}  Postfix ${postfix.rate.toFixed(0)}/s  ` +
        `ratio ${(whole.rate / bare.rate).toFixed(2)} to the pool, ${(whole.rate / postfix.rate).toFixed(2)} to Postfix`,
    );
  }
} finally {
  await relay.stop();
  ca.stop();
  await redis.stop();
  await rm(directory, { recursive: true, force: true });
}

function said({ rate, cpuMs }: { rate: number; cpuMs: number }): string {
  return `${rate.toFixed(0)}/s (${cpuMs.toFixed(2)} ms CPU each)`;
}

async function measure(run: () => Promise<void>): Promise<{ rate: number; cpuMs: number }> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(cpu);
  return { rate: messages / ((performance.now() - began) / 1000), cpuMs: (user + system) / 1000 / messages };
}

/** The sandbox in a process of its own, so that only the client's work is on this one. */
async function startSink(place: string): Promise<{ certificate: string; stop(): void }> {
  const generous = { max: 100_000_000, windowSeconds: 60 };
  const config = {
    ports: { relayStartTls: PORT, http: HTTP_PORT },
    relays: [{ username: 'u', password: 'p' }],
    relayLimits: { messages: generous, logins: generous },
  };
  await writeFile(join(place, 'sandbox.yaml'), stringify(config));
  const caFile = join(place, 'ca.pem');
  const child = spawn(
    process.execPath,
    [MAIN, 'sandbox', '--config', join(place, 'sandbox.yaml'), '--ca-file', caFile],
    { stdio: 'ignore' },
  );
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const certificate = await readFile(caFile, 'utf8').catch(() => undefined);
    if (certificate) return { certificate, stop: () => void child.kill('SIGTERM') };
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error('the sink did not start within 20 s');
}

async function sendBare(certificate: string): Promise<void> {
  const pool = createTransport({
    pool: true,
    host: 'localhost',
    port: PORT,
    requireTLS: true,
    auth: { user: 'u', pass: 'p' },
    maxConnections: connections,
    maxMessages: Number.MAX_SAFE_INTEGER,
    tls: { ca: certificate },
  });
  const send = (index: number) =>
    pool.sendMail({
      from: 'news@example.com',
      to: `r${index}@shop.example`,
      subject: 'Hello',
      text: 'Hello',
      html: HTML,
    });
  await Promise.all(Array.from({ length: messages }, (_, index) => send(index)));
  pool.close();
}

/** From the first message that Postfix is given to the last that the sink has: its own queue lies between. */
async function sendByPostfix(): Promise<void> {
  const before = await acceptedBySink();
  const fed = relay.feed(messages, HTML.length);
  while ((await acceptedBySink()) - before < messages) await sleep(20);
  await fed;
}

async function acceptedBySink(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${HTTP_PORT}/summary`);
  const { accounts } = (await response.json()) as { accounts: { acceptedMessages: number }[] };
  return accounts.reduce((sum, { acceptedMessages }) => sum + acceptedMessages, 0);
}

async function sendWhole(certificate: string, round: number): Promise<void> {
  const ledger = await openRedisLedger({ url: redis.url, prefix: `bench${round}:` });
  const plan = aPlan({
    namespace: KEY.namespace,
    pool: KEY.pool,
    revision: `r${round}`,
    mailboxes: [],
    suppressionLists: [],
    esps: [
      aPlanEsp({
        endpoint: { host: 'localhost', port: PORT, tls: 'StartTls', ca: { name: 'login', key: 'ca' } },
        auth: {
          method: 'UserPassword',
          secretName: 'login',
          usernameKey: 'username',
          passwordKey: 'password',
        },
        maxConnections: connections,
        maxMessagesPerConnection: 1_000_000,
        from: { address: 'news@example.com', displayName: '' },
      }),
    ],
    campaigns: [aPlanCampaign({ name: KEY.campaign, steps: [step()] })],
  });
  await ledger.plans.publish(plan);
  const csv = [
    'email,name',
    ...Array.from({ length: messages }, (_, index) => `r${index}@shop.example,Reader`),
  ].join('\n');
  await importAudience(ledger.audience, { key: KEY, format: 'CSV', emailColumn: 'email' }, csv);
  const secret = { username: 'u', password: 'p', ca: certificate };
  const senders = new SenderGroup({
    ledger,
    policy: await readPolicy(),
    credentials: { read: () => Promise.resolve(secret) },
    clock: systemClock,
    hostName: 'bench',
    log: pino({ level: 'warn' }),
  });
  await senders.follow([plan]);
  while ((await ledger.audience.counts(KEY)).delivered < messages) await sleep(20);
  await senders.stop();
  await ledger.close();
}

function step() {
  return {
    name: 'only',
    delayMs: 0,
    template: { name: 'hello', subject: 'Hello', text: 'Hello', html: HTML, variables: [{ name: 'name' }] },
  };
}
