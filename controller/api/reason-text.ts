import type { ConditionType } from './conditions.ts';
import type { Reason } from './reasons.ts';

/** What a reason means, and what a person does about it. */
export interface ReasonText {
  readonly meaning: string;
  /** An instruction, or why none is needed. */
  readonly remedy: string;
}

const NOTHING = 'Nothing.';

/** Every condition type and what its `True` means; `docs/reference/conditions.md` is generated from here. */
export const CONDITION_TEXT: Readonly<Record<ConditionType, string>> = {
  Ready: 'The resource does what its spec says. The sum of all other conditions; always there.',
  Reconciling: 'The controller is still working towards the spec. Present only while True.',
  Stalled: 'The spec cannot be carried out until a person changes something. Present only while True.',
  Authenticated: 'The last login at the provider succeeded.',
  QuotaAvailable: 'The mailbox, or the pool, has room in its rolling windows.',
  PolicyCompliant: "Nothing in the resource is against a provider's rules or the law that it names.",
  MailboxesResolved: 'Every mailbox and provider that the pool names exists and belongs to it.',
  SendersAvailable: 'The sender pods of the pool are running.',
  LedgerDurable: 'The ledger keeps what it is told: append-only file on, nothing evicted.',
  AudienceImported: 'All rows of the audience have been read.',
  Complete: 'Every message of the campaign has its outcome.',
};

/** Every reason; the record's type sees to it that none is missing. */
export const REASON_TEXT: Readonly<Record<Reason, ReasonText>> = {
  Succeeded: { meaning: 'All is as the spec says.', remedy: NOTHING },
  Progressing: { meaning: 'Work is under way.', remedy: 'Wait; the message says for what.' },
  Suspended: {
    meaning:
      'spec.suspend is true here, on the pool, or on what is referred to; or the pool is scaled to no senders.',
    remedy: 'Set suspend to false, or scale the pool up, to go on.',
  },
  Invalid: {
    meaning: 'A field has a value that cannot be carried out.',
    remedy: 'Correct the field that the message names.',
  },
  MailboxNotFound: {
    meaning: 'A mailbox named by the pool does not exist in its namespace.',
    remedy: 'Create the Mailbox or take its name out; the other mailboxes go on.',
  },
  MailboxesEmpty: {
    meaning: 'The selector of the pool matches no mailbox.',
    remedy: 'Label mailboxes, or correct the selector.',
  },
  ProviderNotFound: {
    meaning: 'An EmailServiceProvider named by the pool does not exist in its namespace.',
    remedy: 'Create it or take its name out.',
  },
  PoolNotFound: {
    meaning: 'The SendingPool that is referred to does not exist in the namespace.',
    remedy: 'Create the pool; the campaign begins by itself.',
  },
  TemplateNotFound: {
    meaning: 'The Template that is referred to does not exist in the namespace.',
    remedy: 'Create the template; the campaign begins by itself.',
  },
  SuppressionListNotFound: {
    meaning: 'A SuppressionList that is referred to does not exist; nothing is sent without it.',
    remedy: 'Create the list, or take its name out if nobody is on it.',
  },
  SecretNotFound: {
    meaning: 'The Secret that is referred to does not exist in the namespace.',
    remedy: 'Create the Secret; the route begins by itself.',
  },
  SecretKeyNotFound: {
    meaning: 'The Secret has no entry of the name that is referred to.',
    remedy: 'Add the key to the Secret, or name the right key in the resource.',
  },
  ConfigMapNotFound: {
    meaning: 'The ConfigMap that is referred to does not exist in the namespace.',
    remedy: 'Create the ConfigMap.',
  },
  ConfigMapKeyNotFound: {
    meaning: 'The ConfigMap has no entry of the name that is referred to.',
    remedy: 'Add the key to the ConfigMap, or name the right key in the resource.',
  },
  FileNotFound: {
    meaning: 'The file of the audience is not where its path says, or cannot be read.',
    remedy: 'Put the file there, or correct spec.audience.file.path.',
  },
  MailboxShared: {
    meaning: 'A mailbox belongs to more than one pool, so that neither could keep its cap.',
    remedy: 'Take it out of all pools but one.',
  },
  Connected: { meaning: 'The route can take messages.', remedy: NOTHING },
  CredentialsInvalid: {
    meaning: 'The provider refuses the login.',
    remedy: 'Put working credentials into the Secret; the route tries them by itself.',
  },
  ConnectionFailed: {
    meaning: 'No connection to the provider comes about.',
    remedy: 'Check host, port and the network policy. It is tried again by itself.',
  },
  TlsFailed: {
    meaning: 'The connection cannot be secured: certificate, name or protocol.',
    remedy: 'Check tls, port and caSecretRef; credentials are never sent in the clear.',
  },
  ConfigurationRejected: {
    meaning: 'The provider refuses how the route is set up, e.g. relaying or the login method.',
    remedy: 'Correct the route or the account; the message quotes the reply.',
  },
  QuotaAvailable: { meaning: 'The window has room.', remedy: NOTHING },
  QuotaExhausted: {
    meaning: 'The cap of the rolling window is used up.',
    remedy: 'Wait for the time in status, raise the cap within the documented limit, or add mailboxes.',
  },
  QuotaExceededAtProvider: {
    meaning: 'The provider said that its own limit is reached, before our cap was.',
    remedy: 'Wait until the window frees; lower the cap or raise reservePercent if people send from it too.',
  },
  WindowClosed: {
    meaning: 'It is outside the sending window.',
    remedy: 'Wait for the time in status, or widen sendingWindow.',
  },
  Pacing: { meaning: 'The interval between two messages has not passed.', remedy: 'Nothing; seconds.' },
  PolicyBlocked: {
    meaning: 'The provider refused mail for its reputation or its rules. It is not tried on another route.',
    remedy:
      'Look at content, list quality and authentication before sending on; the mailbox is slowed or stopped.',
  },
  AccountDisabled: {
    meaning: 'The provider has suspended the account.',
    remedy: 'Restore the account at the provider, then touch the Mailbox.',
  },
  SenderUnauthenticated: {
    meaning: 'SPF, DKIM or DMARC of the sending domain fails at the recipient.',
    remedy: 'Correct the DNS records; nothing more is sent from the domain until then.',
  },
  NoRoute: {
    meaning: 'No route of the pool could ever take the message.',
    remedy: 'Add a mailbox or a provider that may send with this From address.',
  },
  PoolQuotaExhausted: {
    meaning: 'What all routes of the pool together may send is used up (spec.limits).',
    remedy: 'Wait for the time in status, or raise spec.limits; every mailbox keeps its own cap.',
  },
  RecipientDomainQuotaExhausted: {
    meaning:
      'What the pool may send to a domain is used up (spec.recipientDomainLimits); other domains go on.',
    remedy: "Wait for the time in status, or raise the domain's limit.",
  },
  BulkSenderNear: {
    meaning:
      'A From domain has sent so much to personal Gmail accounts within 24 hours that Google will soon treat it as a bulk sender, for ever.',
    remedy:
      "Check Google's requirements for bulk senders (SPF, DKIM, DMARC, alignment, one-click unsubscribe, TLS, reverse DNS) and say so in spec.bulkSender.requirementsMet, or send less.",
  },
  BulkSenderRequirements: {
    meaning:
      "A From domain has reached Google's volume of a bulk sender, and nobody has said that the requirements are met: its Marketing to Gmail waits.",
    remedy:
      'Set up SPF and DKIM, DMARC (p=none is enough) with an aligned From, TLS and reverse DNS for the domain, then set spec.bulkSender.requirementsMet to true.',
  },
  ConsumerAccountForMarketing: {
    meaning: 'A consumer Gmail account is in a Marketing pool, against its terms of service.',
    remedy: 'Use Workspace mailboxes or an EmailServiceProvider.',
  },
  ConsumerAccountsPooled: {
    meaning: 'More than one consumer Gmail account is in a pool, which providers treat as abuse.',
    remedy: 'Leave one, or use Workspace mailboxes.',
  },
  UnsubscribeMissing: {
    meaning: 'A Marketing pool has no one-click unsubscribe.',
    remedy: 'Set spec.unsubscribe.',
  },
  SenderMissing: {
    meaning: 'A message could leave by a provider that knows no From address.',
    remedy: 'Set spec.from on the EmailServiceProvider or the Campaign.',
  },
  AudienceInvalid: {
    meaning: 'The audience cannot be read: encoding, format or the address column.',
    remedy: 'Correct the file or spec.audience.emailColumn; the message names the line.',
  },
  AudienceImporting: { meaning: 'Rows are being read.', remedy: 'Nothing; it goes on.' },
  AudienceImported: { meaning: 'All rows have been read.', remedy: NOTHING },
  TemplateInvalid: {
    meaning: 'The template is not valid Liquid, or uses a variable that it does not declare.',
    remedy: 'Correct the place that the message names.',
  },
  NotStarted: { meaning: 'startTime has not come.', remedy: 'Wait, or set an earlier time.' },
  Sending: { meaning: 'Messages are leaving.', remedy: NOTHING },
  WaitingForQuota: {
    meaning: 'Messages wait because no route has room.',
    remedy: 'Wait for the time in status, add mailboxes, or let the pool overflow to a provider.',
  },
  WaitingForRetry: {
    meaning: 'Only messages that were put off are left, each with a time.',
    remedy: 'Nothing; they are tried again.',
  },
  Complete: { meaning: 'Every message has its outcome.', remedy: 'Read the counts in status.' },
  DeadlineMissed: {
    meaning: 'The campaign could not begin within startingDeadlineSeconds, and does not begin.',
    remedy: 'Create a campaign with a new time.',
  },
  Expired: {
    meaning: 'A message could not be handed over within expireAfterSeconds.',
    remedy: 'Nothing for that message; look at the replies of its routes.',
  },
  SendersReady: { meaning: 'All sender pods are ready.', remedy: NOTHING },
  SendersStarting: {
    meaning: 'Sender pods are starting or missing.',
    remedy: 'Wait; if it lasts, look at the pods of the pool.',
  },
  LedgerUnavailable: {
    meaning: 'Redis cannot be reached. Nothing is sent without it.',
    remedy: 'Bring Redis back; sending goes on by itself.',
  },
  LedgerNotDurable: {
    meaning: 'Redis would forget quotas on a restart: its append-only file is off.',
    remedy: 'Set appendonly yes.',
  },
  LedgerEvicts: {
    meaning: 'Redis throws keys away when memory is short.',
    remedy: 'Set maxmemory-policy noeviction.',
  },
  LedgerDurable: { meaning: 'Redis keeps what it is told.', remedy: NOTHING },
  LedgerLost: {
    meaning:
      'Redis has lost its data, or holds an old state of it. What was sent in the last 24 hours, or since that state, is no longer known.',
    remedy: 'Bring back its newest append-only file or replica, or confirm that caps may be counted anew.',
  },
};
