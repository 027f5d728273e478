import { LedgerUnavailable } from '../domain/ports/ledger.ts';
import { list, number, optionalNumber, text } from './reply.ts';
import type { ScriptRunner } from './scripts.ts';
import type { SteadyClock } from './steady-clock.ts';

/** What Redis holds under the ledger's name. */
export interface FoundLedger {
  /** '' = there is none. */
  readonly id: string;
  /** Lost ledgers that a person let it replace, the latest first. */
  readonly replaces: readonly string[];
  /** 0 = from before there were versions. */
  readonly schema: number;
  /** Set while a migration is not complete: the schema that it still has. */
  readonly migratingFrom: number | undefined;
  /** Numbers of the witnesses that must be there: see witnesses.ts. */
  readonly witnesses: readonly number[];
  /** By how much at least it went back in time, ms, when that is more than processes can tell again. */
  readonly rewoundByMs: number | undefined;
}

/** Looks that a jump of the clock may take: one to notice it, one to see it corrected, and one more when another client was first. */
const LOOKS = 3;

export interface LookParts {
  readonly runner: ScriptRunner;
  readonly clock: SteadyClock;
  /** Key of the identity. */
  readonly key: string;
  /** Called by the client that corrects a jump: by how much the server's clock jumped, ms, negative when it was set back. */
  readonly onClockJump?: ((jumpMs: number) => void) | undefined;
}

/** Reads the identity and the clock; a jump of the clock is corrected before it answers. */
export async function lookAtLedger({ runner, clock, key, onClockJump }: LookParts): Promise<FoundLedger> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const sentAtMs = clock.read();
    const reply = list(await runner.run('ledger-look', [key], []));
    const [now, id, replaces, schema, correction, from, witnesses, rewound] = reply;
    const correctionMs = optionalNumber(correction) ?? 0;
    const sample = { serverMs: number(now), correctionMs, sentAtMs, receivedAtMs: clock.read() };
    const jumpMs = clock.observe(sample);
    if (jumpMs === 0) {
      return {
        id: text(id),
        replaces: idsOf(text(replaces)),
        schema: optionalNumber(schema) ?? 0,
        migratingFrom: optionalNumber(from),
        witnesses: notedOf(text(id), text(witnesses)),
        rewoundByMs: notedOf(text(id), text(rewound))[0],
      };
    }
    const isFirst = await runner.run('ledger-correct-clock', [key], [correctionMs, correctionMs - jumpMs]);
    if (isFirst === 1) onClockJump?.(jumpMs);
  }
  throw new LedgerUnavailable(
    "ledger unavailable: the clock of Redis jumps all the time; check the time service of Redis' machine",
  );
}

/** Ids with commas between. */
export function idsOf(joined: string): readonly string[] {
  return joined.split(',').filter((id) => id !== '');
}

/** The ledger's id and after it what is noted of it; what is noted of another ledger, in whose place this one came, is void. */
function notedOf(id: string, joined: string): readonly number[] {
  const [owner, ...numbers] = joined.split(' ');
  return owner === id ? numbers.map(Number) : [];
}

/** For people. */
export function clockJumpSentence(jumpMs: number): string {
  const seconds = Math.round(jumpMs / 1_000);
  return `The clock of Redis jumped by ${seconds} s: quotas and waiting times go on by the ledger's own steady time; check the time service of Redis' machine`;
}
