import type { SmtpCommand } from '../../controller/api/attempt.ts';
import { classifyReply, type Classification } from '../../controller/domain/policy/classification.ts';
import type { EndedTry } from '../../controller/domain/settlement.ts';
import { aRouting } from './lane.ts';
import { projectPolicy } from './policy.ts';

const DAY_MS = 86_400_000;

/** What a refusal means: `COMMAND code enhanced|- text`. */
export function refusal(line: string): Classification {
  const [command, code, enhancedCode = '', ...text] = line.split(' ');
  return classifyReply(projectPolicy(), {
    kind: 'Refused',
    command: command as SmtpCommand,
    code: Number(code),
    enhancedCode: enhancedCode === '-' ? '' : enhancedCode,
    text: text.join(' '),
  });
}

/** What a connection means that broke at a command. */
export function broken(command: SmtpCommand, mayBeAccepted = false): Classification {
  return classifyReply(projectPolicy(), {
    kind: 'NoReply',
    command,
    clientError: 'ESOCKET',
    text: '',
    mayBeAccepted,
  });
}

/** What a 250 means. */
export function accepted(): Classification {
  return classifyReply(projectPolicy(), { kind: 'Accepted', code: 250, enhancedCode: '', text: 'OK' });
}

/** The first attempt of a message that may go anywhere, by anna's mailbox, of a pool with other routes and an ESP, on day ten. */
export function anEndedTry(classification: Classification, change: Partial<EndedTry> = {}): EndedTry {
  return {
    classification,
    claim: { attempts: 0, constraint: { kind: 'Any' }, overflow: '' },
    overflow: '',
    route: 'mailbox/anna',
    routeKind: 'Mailbox',
    connectFailures: 0,
    routing: aRouting(),
    hasEsp: true,
    hasOtherRoute: true,
    expireAfterMs: 3 * DAY_MS,
    nowMs: 10 * DAY_MS,
    random: () => 0,
    ...change,
  };
}
