import type { ConnectionOptions } from 'node:tls';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import type { PlanEndpoint } from '../../../api/plan.ts';
import type { ConnectAnswer, Route } from '../../../domain/ports/route.ts';
import type { SmtpLogin } from './smtp-login.ts';
import { replyOfConnectError } from './smtp-reply.ts';
import { SmtpRouteConnection } from './smtp-route-connection.ts';

/**
 * Time limits of one SMTP conversation, milliseconds. RFC 5321 §4.5.3.2 allows minutes per command; a submission service
 * answers in seconds, and a drain waits for the slowest of them.
 */
export interface SmtpTimeouts {
  readonly connectMs: number;
  readonly greetingMs: number;
  /** Silence on an open connection, which bounds every command and the end of DATA. */
  readonly socketMs: number;
}

export const DEFAULT_SMTP_TIMEOUTS: SmtpTimeouts = {
  connectMs: 15_000,
  greetingMs: 15_000,
  socketMs: 60_000,
};

export interface SmtpRouteOptions {
  readonly endpoint: PlanEndpoint;
  /** See `TrustedAuthorities`. */
  readonly tls: ConnectionOptions;
  readonly login: SmtpLogin;
  /** Name for EHLO. */
  readonly clientName: string;
  readonly maxMessagesPerConnection: number;
  readonly timeouts?: SmtpTimeouts;
}

/** Submission by SMTP: a mailbox provider's service or an ESP's relay. TLS always, verified always. */
export class SmtpRoute implements Route {
  readonly #options: SmtpRouteOptions;

  constructor(options: SmtpRouteOptions) {
    this.#options = options;
  }

  connect(): Promise<ConnectAnswer> {
    const connection = new SMTPConnection(connectionOptions(this.#options));
    const { login, maxMessagesPerConnection } = this.#options;
    return new Promise((resolve) => {
      let isLoggingIn = false;
      const refuse = (error: Error): void => {
        connection.close();
        resolve({ connected: false, reply: replyOfConnectError(error, isLoggingIn ? 'AUTH' : 'CONN') });
      };
      connection.on('error', refuse);
      connection.connect((connectError) => {
        if (connectError) return refuse(connectError);
        isLoggingIn = true;
        connection.login(login, (loginError) => {
          if (loginError) return refuse(loginError);
          connection.off('error', refuse);
          resolve({
            connected: true,
            connection: new SmtpRouteConnection(connection, maxMessagesPerConnection),
          });
        });
      });
    });
  }
}

function connectionOptions(options: SmtpRouteOptions): SMTPConnectionOptions {
  const { endpoint, timeouts = DEFAULT_SMTP_TIMEOUTS } = options;
  return {
    host: endpoint.host,
    port: endpoint.port,
    secure: endpoint.tls === 'Implicit',
    requireTLS: true,
    name: options.clientName,
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.greetingMs,
    socketTimeout: timeouts.socketMs,
    dnsTimeout: timeouts.connectMs,
    socketCloseTimeout: 1_000,
    logger: false,
    tls: options.tls,
  };
}
