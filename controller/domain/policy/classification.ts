import type { SmtpCommand } from '../../api/attempt.ts';
import type { ReplyClass } from '../../api/outcome.ts';
import type {
  ClientErrorRule,
  Failover,
  MailboxConsequence,
  ReplyScope,
  RetrySchedule,
} from '../../api/policy-document.ts';
import type { AccountConsequence } from '../ports/quota-ledger.ts';
import type { Reply } from '../ports/route.ts';
import type { Policy } from './policy.ts';

type Refused = Extract<Reply, { kind: 'Refused' }>;
type NoReply = Extract<Reply, { kind: 'NoReply' }>;

/** What a reply means: whose fault it is, whether and where to try again, what follows for the account. */
export interface Classification {
  readonly class: ReplyClass;
  /** Id of the rule that matched, or the client error's code; empty when accepted. */
  readonly rule: string;
  readonly scope: ReplyScope;
  /** When the same message may be tried again on this route; null = never. */
  readonly retry: RetrySchedule | null;
  readonly failover: Failover;
  readonly suppress?: 'hard' | 'soft';
  /** What follows for the account; the quota ledger applies it. */
  readonly consequence?: AccountConsequence;
  /** True when the session failed before any message was begun: the message was not attempted. */
  readonly isBeforeMessage: boolean;
}

const SESSION_COMMANDS: readonly SmtpCommand[] = ['CONN', 'EHLO', 'STARTTLS', 'AUTH'];
const RECIPIENT_COMMANDS: readonly SmtpCommand[] = ['RCPT', 'DATA', 'DOT', 'HTTP'];
/** Enough for any expression of the policy; keeps a hostile reply from costing time. */
const MATCHED_CHARACTERS = 2000;

const ACCEPTED: Classification = {
  class: 'accepted',
  rule: '',
  scope: 'message',
  retry: null,
  failover: 'none',
  isBeforeMessage: false,
};
/** A reply outside SMTP's grammar to a command: no rule can say what it means. The times are those of `temp-any`. */
const UNINTELLIGIBLE: Omit<Classification, 'isBeforeMessage'> = {
  class: 'transient',
  rule: 'unintelligible',
  scope: 'message',
  retry: { minSeconds: 300, backoff: 2, maxSeconds: 14_400 },
  failover: 'none',
};
const END_UNKNOWN = { class: 'outcome_unknown', scope: 'message', retry: null, failover: 'none' } as const;

function matchRule(policy: Policy, reply: Refused): Omit<Classification, 'isBeforeMessage'> {
  const enhanced = reply.enhancedCode === '' ? '-' : reply.enhancedCode;
  const line = `${reply.code} ${enhanced} ${reply.text.replace(/\s+/g, ' ')}`.slice(0, MATCHED_CHARACTERS);
  const rule = policy.smtpRules.find((candidate) => candidate.expression.test(line));
  if (rule === undefined) {
    return reply.command === 'DOT' ? { ...END_UNKNOWN, rule: UNINTELLIGIBLE.rule } : UNINTELLIGIBLE;
  }
  return {
    class: rule.class,
    rule: rule.id,
    scope: rule.scope,
    retry: rule.retry,
    failover: rule.failover,
    ...(rule.suppress === undefined ? {} : { suppress: rule.suppress }),
    ...(rule.mailbox === undefined ? {} : { consequence: rule.mailbox }),
  };
}

/** A reply can only speak of what the other side knew when it gave it: no recipient before RCPT, no message before MAIL. */
function limitToCommand(
  found: Omit<Classification, 'isBeforeMessage'>,
  command: SmtpCommand,
): Classification {
  const isBeforeMessage = SESSION_COMMANDS.includes(command);
  const { suppress, ...rest } = found;
  const speaksOfMessage =
    found.scope === 'message' || found.scope === 'recipient' || found.scope === 'recipientDomain';
  if (speaksOfMessage && isBeforeMessage) return { ...rest, scope: 'route', isBeforeMessage };
  if (speaksOfMessage && !RECIPIENT_COMMANDS.includes(command)) {
    return { ...rest, scope: 'message', isBeforeMessage };
  }
  return { ...rest, ...(suppress === undefined ? {} : { suppress }), isBeforeMessage };
}

function invalidGrant(rule: ClientErrorRule, reply: NoReply): MailboxConsequence | undefined {
  return reply.text.includes('invalid_grant') ? rule.invalidGrant : undefined;
}

function classifyNoReply(policy: Policy, reply: NoReply): Classification {
  const rule = policy.clientErrors.get(reply.clientError) ?? policy.otherClientError;
  if (reply.mayBeAccepted) {
    const end = rule.unlessAfterData ?? END_UNKNOWN.class;
    return { ...END_UNKNOWN, class: end, rule: reply.clientError, isBeforeMessage: false };
  }
  const consequence = invalidGrant(rule, reply);
  return {
    class: rule.class,
    rule: reply.clientError,
    scope: rule.scope,
    retry: rule.retry,
    failover: rule.failover,
    ...(consequence === undefined ? {} : { consequence }),
    isBeforeMessage: SESSION_COMMANDS.includes(reply.command),
  };
}

/** What the rule says, and what the policy says of all replies of its class. */
function withWarmupHold(policy: Policy, found: Classification): Classification {
  if (!policy.warmupHolds.has(found.class)) return found;
  return { ...found, consequence: { ...found.consequence, holdsWarmup: true } };
}

/** Classifies the last word of the other side about one attempt. */
export function classifyReply(policy: Policy, reply: Reply): Classification {
  return withWarmupHold(policy, classify(policy, reply));
}

function classify(policy: Policy, reply: Reply): Classification {
  switch (reply.kind) {
    case 'Accepted':
      return ACCEPTED;
    case 'Refused':
      return limitToCommand(matchRule(policy, reply), reply.command);
    case 'NoReply':
      return classifyNoReply(policy, reply);
  }
}
