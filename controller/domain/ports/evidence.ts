import type { PlanMailbox } from '../../api/plan.ts';

/** What a mailbox answered when its folders were searched. */
export type SentMailAnswer =
  | {
      readonly kind: 'Searched';
      /** Message-IDs that are there. */
      readonly found: ReadonlySet<string>;
      /**
       * True when an id that was not found is certainly not in the folders: the Sent folder is the one that the server itself names, every
       * search was answered, and the same search finds a message that is known to be there.
       */
      readonly isComplete: boolean;
    }
  /** No answer: the connection failed, broke or took too long. */
  | { readonly kind: 'Unreachable'; readonly message: string }
  /** The login was refused, or its Secret is not there: asking again soon would only harm the account. */
  | { readonly kind: 'Refused'; readonly message: string };

/** The sent mail of mailboxes. */
export interface SentMail {
  /**
   * Looks for messages by Message-ID (without angle brackets) in the folders that hold what the mailbox sent, over one connection that
   * is closed afterwards. Never rejects; ends soon after the signal aborts.
   */
  search(mailbox: PlanMailbox, messageIds: readonly string[], signal: AbortSignal): Promise<SentMailAnswer>;
}
