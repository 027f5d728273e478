import { sandboxConfigSchema, type SandboxConfigInput } from '../../controller/api/sandbox-config.ts';
import type { WireTransaction } from '../../controller/api/wire-log.ts';
import type { UncertainMessage } from '../../controller/domain/ports/queue-ledger.ts';
import { RecipientScript } from '../../controller/sandbox/recipient-script.ts';
import { recipients } from './audience.ts';
import type { InjectedFault } from './journal.ts';

/** How late the consequence of a fault may show, ms: a busy machine with two cores. */
const LATE_MS = 1_500;
/** Longest pause of a sender before it asks Redis again, ms. */
const RECONNECT_MS = 2_000;

export interface Explanations {
  /** How many Uncertain messages each cause explains. */
  readonly counts: Readonly<Record<string, number>>;
  /** What no injected fault explains, in words. */
  readonly unexplained: readonly string[];
}

/** The time that a message was on its way. */
interface Way {
  readonly fromMs: number;
  readonly toMs: number;
}

interface RunTrace {
  readonly wireLog: readonly WireTransaction[];
  readonly faults: readonly InjectedFault[];
  readonly sandbox: SandboxConfigInput;
}

/**
 * Finds for each Uncertain message the fault that hit it: a recipient that was scripted to cut the connection, or something that was going
 * on when its transaction ended (or, when no provider saw one, when it was to begin).
 */
export function explainUncertain(messages: readonly UncertainMessage[], trace: RunTrace): Explanations {
  const { recipients: rules, seed } = sandboxConfigSchema.parse(trace.sandbox);
  const byRecipient = Map.groupBy(trace.wireLog, ({ rcpts }) => rcpts[0] ?? '');
  const faults = [...trace.faults].sort((a, b) => a.fromMs - b.fromMs);
  const counts: Record<string, number> = {};
  const unexplained: string[] = [];
  for (const message of messages) {
    const [recipient = ''] = recipients(1, message.key.row);
    const seen = (byRecipient.get(recipient) ?? []).filter(
      ({ timeMs, messageId }) =>
        timeMs >= firstBeganMs(message) - LATE_MS && (messageId === '' || messageId === message.messageId),
    );
    const cause = isScripted(new RecipientScript(rules, seed), recipient, message.route)
      ? 'Scripted'
      : faults.find((fault) => explains(fault, wayOf(message, seen, faults), seen))?.kind;
    if (cause === undefined) unexplained.push(described(message, seen));
    else counts[cause] = (counts[cause] ?? 0) + 1;
  }
  return { counts, unexplained };
}

function isScripted(script: RecipientScript, recipient: string, route: string): boolean {
  const service = route.startsWith('esp/') ? 'Relay' : 'Submission';
  const rule = script.next({ service, sender: '', recipient });
  return rule?.behaviour === 'DisconnectInData' || rule?.behaviour === 'DisconnectAfterDot';
}

/** What was going on while the message was on its way. Redis alone explains nothing: ends are kept until they can be written down. */
function explains(fault: InjectedFault, way: Way, seen: readonly WireTransaction[]): boolean {
  if (isOfRedis(fault)) return false;
  const isMeant = fault.account === undefined || seen.some(({ account }) => account === fault.account);
  return isMeant && way.fromMs <= fault.toMs + LATE_MS && way.toMs >= fault.fromMs - LATE_MS;
}

/** From `begin` to the last that a provider saw; while Redis is away the end waits in the sender to be written down. */
function wayOf(
  message: UncertainMessage,
  seen: readonly WireTransaction[],
  faults: readonly InjectedFault[],
): Way {
  const fromMs = firstBeganMs(message);
  let toMs = Math.max(fromMs, ...seen.map(({ endMs }) => endMs));
  for (const outage of faults.filter(isOfRedis)) {
    if (outage.fromMs <= toMs + LATE_MS && outage.toMs > toMs) toMs = outage.toMs + RECONNECT_MS;
  }
  return { fromMs, toMs };
}

/** One that is repeated has been Uncertain since its first attempt. */
function firstBeganMs({ beganMs, keyedMs }: UncertainMessage): number {
  return keyedMs ?? beganMs;
}

function isOfRedis({ kind }: InjectedFault): boolean {
  return kind === 'RedisKilled' || kind === 'RedisStalled';
}

function described(
  { key, route, messageId, beganMs }: UncertainMessage,
  seen: readonly WireTransaction[],
): string {
  const ends = seen.map(({ command, reply, timeMs, endMs }) => `${timeMs}–${endMs} ${command} "${reply}"`);
  return `${key.campaign}/${key.step}/${key.row} by ${route} (${messageId}) began ${beganMs}: ${ends.join('; ') || 'nobody saw it'}`;
}
