import { sandboxConfigSchema, type SandboxConfigInput } from '../../controller/api/sandbox-config.ts';
import type { WireTransaction } from '../../controller/api/wire-log.ts';
import type { UncertainMessage } from '../../controller/domain/ports/queue-ledger.ts';
import { RecipientScript } from '../../controller/sandbox/recipient-script.ts';
import { recipients } from '../fleet/fleet-manifests.ts';
import type { InjectedFault } from './journal.ts';

/** How late the consequence of a fault may show, ms: a busy machine with two cores. */
const LATE_MS = 1_500;

export interface Explanations {
  /** How many Uncertain messages each cause explains. */
  readonly counts: Readonly<Record<string, number>>;
  /** What no injected fault explains, in words. */
  readonly unexplained: readonly string[];
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
  const counts: Record<string, number> = {};
  const unexplained: string[] = [];
  for (const message of messages) {
    const [recipient = ''] = recipients(1, message.key.row);
    const seen = (byRecipient.get(recipient) ?? []).filter(
      ({ timeMs, messageId }) =>
        timeMs >= message.beganMs - LATE_MS && (messageId === '' || messageId === message.messageId),
    );
    const cause = isScripted(new RecipientScript(rules, seed), recipient)
      ? 'Scripted'
      : trace.faults.find((fault) => explains(fault, message, seen))?.kind;
    if (cause === undefined) unexplained.push(described(message, seen));
    else counts[cause] = (counts[cause] ?? 0) + 1;
  }
  return { counts, unexplained };
}

function isScripted(script: RecipientScript, recipient: string): boolean {
  const rule = script.next({ service: 'Submission', sender: '', recipient });
  return rule?.behaviour === 'DisconnectInData' || rule?.behaviour === 'DisconnectAfterDot';
}

function explains(
  fault: InjectedFault,
  message: UncertainMessage,
  seen: readonly WireTransaction[],
): boolean {
  const times = seen.length === 0 ? [message.beganMs] : seen.flatMap(({ timeMs, endMs }) => [timeMs, endMs]);
  const isMeant = fault.account === undefined || seen.some(({ account }) => account === fault.account);
  const from = Math.min(message.beganMs, ...times);
  return isMeant && from <= fault.toMs + LATE_MS && Math.max(...times) >= fault.fromMs - LATE_MS;
}

function described(
  { key, route, messageId, beganMs }: UncertainMessage,
  seen: readonly WireTransaction[],
): string {
  const ends = seen.map(({ command, reply, timeMs, endMs }) => `${timeMs}–${endMs} ${command} "${reply}"`);
  return `${key.campaign}/${key.step}/${key.row} by ${route} (${messageId}) began ${beganMs}: ${ends.join('; ') || 'nobody saw it'}`;
}
