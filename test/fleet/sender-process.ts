import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../controller/cli/main.ts', import.meta.url));

export interface SenderOptions {
  readonly pool: string;
  readonly secretsDirectory: string;
  readonly redisUrl: string;
  /** File of the certificate authority that the sandbox is trusted by. */
  readonly certificateFile: string;
  /** Begins the sender's id. */
  readonly hostName: string;
}

/** One `mailers sender` as a real process; ends with the test process. */
export class SenderProcess {
  readonly name: string;
  /** Resolves with the exit code, 137 when it was killed. */
  readonly exited: Promise<number>;
  readonly #child: ChildProcess;
  readonly #output: Buffer[] = [];
  #isStopped = false;

  constructor(options: SenderOptions) {
    this.name = options.hostName;
    const sender = ['sender', '--pool', options.pool, '--secrets-dir', options.secretsDirectory];
    const [program = '', ...args] = boundToParent([process.execPath, MAIN, ...sender, '--health-port', '0']);
    const env = {
      ...process.env,
      NODE_EXTRA_CA_CERTS: options.certificateFile,
      REDIS_URL: options.redisUrl,
      HOSTNAME: options.hostName,
    };
    this.#child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (data: Buffer) => this.#output.push(data));
    this.#child.stderr?.on('data', (data: Buffer) => this.#output.push(data));
    this.exited = new Promise((resolve) => {
      this.#child.on('exit', (code) => resolve(code ?? 137));
    });
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** True between `pause` and `resume`. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Everything that it printed so far. */
  output(): string {
    return Buffer.concat(this.#output).toString('utf8');
  }

  /** SIGKILL; resolves when it is gone. */
  async kill9(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  /** SIGTERM: it finishes what is on the wire and ends. */
  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  /** SIGSTOP: its connections stay open, it does nothing. */
  pause(): void {
    this.#isStopped = true;
    this.#child.kill('SIGSTOP');
  }

  /** SIGCONT. */
  resume(): void {
    this.#isStopped = false;
    this.#child.kill('SIGCONT');
  }
}

/** Linux lets a child ask to be killed when its parent ends. */
function boundToParent(argv: readonly string[]): readonly string[] {
  return process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', ...argv] : argv;
}
