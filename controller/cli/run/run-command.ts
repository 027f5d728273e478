import { InvalidArgumentError, type Command } from 'commander';
import pino, { type Logger } from 'pino';
import { readConfig } from '../config.ts';
import { readPolicy } from '../policy-file.ts';
import { LiveView } from '../report/live-view.ts';
import { systemClock } from '../system-clock.ts';
import { Standalone, type StandaloneOptions } from './standalone.ts';

/** The providers' own window, seconds: a rehearsal may be quicker, never slower. */
const WINDOW_SECONDS_MAX = 86_400;

interface RunOptions {
  readonly filename: string;
  readonly once?: boolean;
  readonly report?: string;
  readonly redis?: string;
  readonly stateDir?: string;
  readonly windowSeconds?: number;
}

/** `mailers run`: everything from a directory of YAML, in one process, without a cluster. */
export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('Send what a directory of YAML declares; follow its edits. Needs Redis, no cluster.')
    .requiredOption(
      '-f, --filename <path>',
      'directory (or file) of YAML: the six kinds, Secrets, ConfigMaps',
    )
    .option('--once', 'exit when all campaigns are done')
    .option('--report <file>', 'write the final report as JSON')
    .option(
      '--redis <url>',
      'ledger: redis://USER:PASSWORD@HOST:PORT, redis+sentinel://HOST:PORT,HOST:PORT/NAME or redis+cluster://HOST:PORT,HOST:PORT; rediss… for TLS (default: $REDIS_URL, else redis://127.0.0.1:6379)',
    )
    .option(
      '--state-dir <directory>',
      'remembers which ledger was used, so that an emptied Redis is not taken for a new one (default: $MAILERS_STATE_DIR, else $XDG_STATE_HOME/mailers, else ~/.local/state/mailers)',
    )
    .option(
      '--window-seconds <n>',
      'length of the quota window instead of 86400, for rehearsals against a sandbox',
      windowSecondsOf,
    )
    .action(run);
}

/** Anything else would be a plan that no sender takes, or quotas that never bind. */
function windowSecondsOf(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,5}$/.test(text) || seconds < 1 || seconds > WINDOW_SECONDS_MAX)
    throw new InvalidArgumentError(`It must be a whole number of seconds from 1 to ${WINDOW_SECONDS_MAX}.`);
  return seconds;
}

async function run(options: RunOptions): Promise<void> {
  const config = readConfig();
  const view = new LiveView(process.stdout);
  const log = runLogger(config.logLevel, view);
  const standaloneOptions: StandaloneOptions = {
    directory: options.filename,
    isOnce: options.once ?? false,
    ...(options.report === undefined ? {} : { reportFile: options.report }),
    ...(options.windowSeconds === undefined ? {} : { windowMs: options.windowSeconds * 1000 }),
    ledger: {
      ...config,
      redisUrl: options.redis ?? config.redisUrl,
      stateDirectory: options.stateDir ?? config.stateDirectory,
    },
    hostName: config.hostName,
  };
  const standalone = new Standalone(standaloneOptions, {
    log,
    clock: systemClock,
    policy: await readPolicy(),
    view,
  });
  process.exitCode = await standalone.run();
}

/** Logs go to standard error; on a terminal, where the table is drawn, only warnings, and above the table. */
function runLogger(level: string | undefined, view: LiveView): Logger {
  if (!process.stdout.isTTY)
    return pino({ level: level ?? 'info', base: null }, pino.destination({ dest: 2, sync: true }));
  return pino({ level: level ?? 'warn', base: null }, { write: (line: string) => view.note(line.trimEnd()) });
}
