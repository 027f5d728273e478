import type { SmtpCommand } from '../../api/attempt.ts';

/** What is handed to a route: envelope and finished message. */
export interface OutgoingMessage {
  readonly envelopeFrom: string;
  readonly recipient: string;
  readonly messageId: string;
  /** RFC 5322 message, CRLF lines. */
  readonly raw: Buffer;
}

/** The last word of the other side about one attempt. */
export type Reply =
  | { readonly kind: 'Accepted'; readonly code: number; readonly enhancedCode: string; readonly text: string }
  | {
      readonly kind: 'Refused';
      readonly command: SmtpCommand;
      readonly code: number;
      readonly enhancedCode: string;
      readonly text: string;
    }
  /** No reply: the connection failed, broke or timed out. */
  | {
      readonly kind: 'NoReply';
      readonly command: SmtpCommand;
      /** ECONNECTION, ETIMEDOUT, ESOCKET, EDNS, ETLS, EAUTH, EOAUTH2 … */
      readonly clientError: string;
      readonly text: string;
      /** True when the end of DATA was written or may have been: the message may have been accepted. */
      readonly mayBeAccepted: boolean;
    };

/** One connection of a lane. Not shared; one message at a time. */
export interface RouteConnection {
  /** Hands over one message. Never throws for what the other side says or does. */
  send(message: OutgoingMessage): Promise<Reply>;
  /** False once the connection can take no further message. */
  readonly isUsable: boolean;
  /** QUIT, then the socket is closed; never rejects. */
  close(): Promise<void>;
}

export type ConnectAnswer =
  | { readonly connected: true; readonly connection: RouteConnection }
  | { readonly connected: false; readonly reply: Exclude<Reply, { kind: 'Accepted' }> };

/** One way out: opens authenticated connections. */
export interface Route {
  /** TCP, TLS, EHLO, AUTH. A refusal is an answer, not an error. */
  connect(): Promise<ConnectAnswer>;
}

/** Reads the current value of a Secret's keys; undefined when the Secret does not exist (now). */
export interface Credentials {
  read(namespace: string, secretName: string): Promise<Readonly<Record<string, string>> | undefined>;
}
