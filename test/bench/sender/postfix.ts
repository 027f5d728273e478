import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../cluster/process/command.ts';
import { freePorts } from '../../cluster/process/free-port.ts';
import { debianProgram } from '../../debian/debian-program.ts';

const PROGRAM = { path: '/usr/sbin/postfix', packages: ['postfix', 'libsasl2-modules'] } as const;

export interface RelayOptions {
  /** Where all mail goes, by STARTTLS and with a login. */
  readonly to: { readonly port: number; readonly username: string; readonly password: string };
  readonly certificate: string;
  readonly connections: number;
}

/** A Postfix of its own as a relay, on a free loopback port. */
export interface Relay {
  /** Puts messages of `bytes` each into its queue, over as many connections as it uses itself. */
  feed(messages: number, bytes: number): Promise<void>;
  stop(): Promise<void>;
}

/** Starts Postfix with its own configuration, queue and log; its connections are kept open between messages, as ours are. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const program = await debianProgram(PROGRAM);
  const directory = await mkdtemp(join(tmpdir(), 'mailers-postfix-'));
  const [port = 0] = await freePorts('127.0.0.1', 1);
  const run = (...args: string[]) => runCommand(program, ['-c', directory, ...args]);
  await runCommand('chmod', ['755', directory]);
  await mkdir(join(directory, 'data'));
  await runCommand('chown', ['postfix', join(directory, 'data')]);
  await mkdir(join(directory, 'queue'));
  await writeFile(join(directory, 'ca.pem'), options.certificate);
  await writeFile(join(directory, 'main.cf'), settings(directory, options));
  await writeFile(join(directory, 'master.cf'), services(port));
  const stop = async (): Promise<void> => {
    await run('stop');
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await run('start');
  } catch (error) {
    const log = await readFile(join(directory, 'log'), 'utf8').catch(() => '');
    throw new Error(`Postfix did not start: ${log.slice(-1_000)}`, { cause: error });
  }
  return {
    feed: async (messages, bytes) => {
      const counts = ['-m', String(messages), '-s', String(options.connections), '-l', String(bytes)];
      const addresses = ['-f', 'news@example.com', '-t', 'reader@shop.example', '-N'];
      await runCommand('smtp-source', [...counts, ...addresses, `127.0.0.1:${port}`]);
    },
    stop,
  };
}

function settings(directory: string, { to, connections }: RelayOptions): string {
  const host = `[localhost]:${to.port}`;
  return Object.entries({
    compatibility_level: '3.6',
    queue_directory: join(directory, 'queue'),
    data_directory: join(directory, 'data'),
    maillog_file: join(directory, 'log'),
    maillog_file_prefixes: directory,
    myhostname: 'relay.example',
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    inet_interfaces: '127.0.0.1',
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_peername_lookup: 'no',
    relayhost: host,
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    smtp_sasl_auth_enable: 'yes',
    smtp_sasl_password_maps: `inline:{ { ${host} = ${to.username}:${to.password} } }`,
    smtp_sasl_security_options: '',
    smtp_sasl_tls_security_options: '',
    smtp_tls_security_level: 'secure',
    smtp_tls_secure_cert_match: 'localhost',
    smtp_tls_CAfile: join(directory, 'ca.pem'),
    smtp_tls_connection_reuse: 'yes',
    smtp_connection_cache_destinations: host,
    smtp_destination_concurrency_limit: connections,
    initial_destination_concurrency: connections,
    smtp_destination_recipient_limit: 1,
    default_process_limit: 100,
  })
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');
}

function services(port: number): string {
  const internal = [
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'tlsproxy unix - - n - 0 tlsproxy',
    'rewrite unix - - n - - trivial-rewrite',
    ...['bounce', 'defer', 'trace'].map((name) => `${name} unix - - n - 0 bounce`),
    'proxymap unix - - n - - proxymap',
    'smtp unix - - n - - smtp',
    ...['error', 'retry'].map((name) => `${name} unix - - n - - error`),
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
  ];
  return [`127.0.0.1:${port} inet n - n - - smtpd`, ...internal, ''].join('\n');
}
