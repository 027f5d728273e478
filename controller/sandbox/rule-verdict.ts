import type { RecipientRule } from '../api/sandbox-config.ts';
import type { Refusals } from './personality.ts';
import type { Reply } from './reply.ts';
import { verbatimReply } from './reply.ts';

/** The moments at which something is decided: the commands, and the message's arrival between DATA and its dot. */
export type Stage = 'Connect' | 'Auth' | 'Mail' | 'Rcpt' | 'Data' | 'Message' | 'Dot';

/** What is to be done with a command. */
export type Verdict =
  | { readonly kind: 'Accept'; readonly delayMs?: number; readonly reply?: Reply }
  | { readonly kind: 'Refuse'; readonly reply: Reply }
  | { readonly kind: 'Disconnect' };

export const ACCEPT: Verdict = { kind: 'Accept' };

export function refuse(reply: Reply): Verdict {
  return { kind: 'Refuse', reply };
}

/** What a recipient rule means at this stage; undefined when it is meant for another one. */
export function ruleVerdict(rule: RecipientRule, stage: Stage, refusals: Refusals): Verdict | undefined {
  if (stageOf(rule) !== stage) return undefined;
  switch (rule.behaviour) {
    case 'Unknown':
      return refuse(refusals.unknownRecipient);
    case 'Full':
      return refuse(refusals.fullRecipient);
    case 'Greylist':
      return refuse(refusals.greylisted);
    case 'Slow':
      return { kind: 'Accept', delayMs: rule.delayMs };
    case 'Reply':
      return refuse(verbatimReply(rule.reply));
    default:
      return { kind: 'Disconnect' };
  }
}

function stageOf(rule: RecipientRule): Stage {
  switch (rule.behaviour) {
    case 'Slow':
    case 'Reply':
      return rule.at;
    case 'DisconnectInMail':
      return 'Mail';
    case 'DisconnectInData':
      return 'Message';
    case 'DisconnectAfterDot':
      return 'Dot';
    default:
      return 'Rcpt';
  }
}
