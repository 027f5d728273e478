import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import clusterSlot from 'cluster-key-slot';
import { Cluster, type Redis } from 'ioredis';
import { throwLedgerFailure } from './failure.ts';
import { rightsCheck } from './script-rights.ts';

export type RedisClient = Redis | Cluster;
export type Argument = string | number | Buffer;

interface Script {
  readonly text: string;
  readonly sha: string;
}

const FOLDER = new URL('./lua/', import.meta.url);

/** All scripts by name, with what they include put in place. clock: Lua text instead of include/clock.lua. */
export function loadScripts(clock = read('include/clock.lua')): ReadonlyMap<string, Script> {
  const include = (_line: string, name: string): string =>
    name === 'clock' ? clock : read(`include/${name}.lua`);
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.lua'));
  return new Map(
    files.map((file) => {
      const name = file.slice(0, -'.lua'.length);
      const whole = read(file).replace(/^-- @include (\S+)$/gm, include);
      const text = whole.replace(/^(?!--)/m, rightsCheck(name, whole));
      return [name, { text, sha: createHash('sha1').update(text).digest('hex') }];
    }),
  );
}

/** One call of a script, by its name for the server or with its whole text. */
interface Call {
  readonly bySha: () => Promise<unknown>;
  readonly byText: () => Promise<unknown>;
}

/** Runs scripts by name: EVALSHA, and EVAL when the server does not know the script (yet, or after a restart or SCRIPT FLUSH). */
export class ScriptRunner {
  readonly #client: RedisClient;
  readonly #scripts: ReadonlyMap<string, Script>;
  /** Scripts whose text is on its way to a server. */
  readonly #loading = new Map<string, Promise<unknown>>();

  constructor(client: RedisClient, scripts: ReadonlyMap<string, Script>) {
    this.#client = client;
    this.#scripts = scripts;
  }

  /** Where a slot has moved to. */
  #learnSlots(error: unknown): void {
    const isMoved = error instanceof Error && error.message.startsWith('MOVED');
    if (isMoved && this.#client instanceof Cluster) this.#client.refreshSlotsCache();
  }

  /** Runs it once; rejects with LedgerUnavailable, LedgerLost, or the script's own error. */
  run(name: string, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const script = this.#scripts.get(name);
    if (script === undefined) throw new Error(`there is no script ${name}.lua`);
    const rest = [...keys, ...args];
    const call = {
      bySha: () => this.#client.evalsha(script.sha, keys.length, ...rest),
      byText: () => this.#client.eval(script.text, keys.length, ...rest),
    };
    return call
      .bySha()
      .catch(ifUnknown(() => this.#load(`${script.sha} ${this.#serverOf(keys)}`, call)))
      .catch((error: unknown) => {
        this.#learnSlots(error);
        return throwLedgerFailure(error);
      });
  }

  /**
   * A server that was restarted knows no script. Of all calls that find it so, which may be thousands, one brings the text and the others wait
   * for it. where: script and server.
   */
  #load(where: string, { bySha, byText }: Call): Promise<unknown> {
    const loading = this.#loading.get(where);
    if (loading !== undefined) return loading.then(bySha).catch(ifUnknown(byText));
    const first = byText();
    const forget = (): unknown => this.#loading.delete(where);
    this.#loading.set(where, first.then(forget, forget));
    return first;
  }

  /** As far as the client knows. */
  #serverOf([key = '']: readonly string[]): string {
    return this.#client instanceof Cluster ? (this.#client.slots[clusterSlot(key)]?.[0] ?? '') : '';
  }
}

/** For `catch`: does something else when the server does not know the script. */
function ifUnknown(otherwise: () => Promise<unknown>): (error: unknown) => Promise<unknown> {
  return (error) => {
    if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return otherwise();
    throw error;
  };
}

function read(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8');
}
