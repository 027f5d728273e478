import type { AddressInfo, Socket } from 'node:net';
import type {
  SMTPServerAddress,
  SMTPServerAuthentication,
  SMTPServerAuthenticationResponse,
  SMTPServerDataStream,
  SMTPServerSession,
} from 'smtp-server';
import { SMTPServer } from 'smtp-server';
import type { SMTPConnection } from 'smtp-server/lib/smtp-connection.js';
import { googleLimits, relayLimits } from './account-limits.ts';
import type { TlsIdentity } from './certificate.ts';
import type { Scope } from './fault.ts';
import { covers } from './fault.ts';
import type { ServiceContext } from './mail-session.ts';
import { SmtpDialogue } from './smtp-dialogue.ts';

/** How TLS begins on a port. */
export type TlsMode = 'StartTls' | 'Implicit';

/** RFC 5321 §4.5.3.2.7: a server waits at least five minutes for the next command. */
const IDLE_TIMEOUT_MS = 300_000;

/** One port of one provider. */
export class SmtpService extends SMTPServer {
  readonly #context: ServiceContext;
  readonly #dialogues = new Map<SMTPServerSession, SmtpDialogue>();
  #isStopped = false;

  constructor(context: ServiceContext, tlsMode: TlsMode, identity: TlsIdentity) {
    const { personality } = context;
    super({
      secure: tlsMode === 'Implicit',
      key: identity.key,
      cert: identity.certificate,
      minVersion: 'TLSv1.2',
      name: personality.hostName,
      banner: personality.banner,
      heloResponse: '%s at your service, %s',
      authMethods: [...personality.authMethods],
      size: personality.service === 'Submission' ? googleLimits.messageBytes : relayLimits.messageBytes,
      hideENHANCEDSTATUSCODES: false,
      disableReverseLookup: true,
      socketTimeout: IDLE_TIMEOUT_MS,
      logger: false,
    });
    this.#context = context;
  }

  /** Listens; resolves to the port, rejects when it is taken. */
  async start(host: string, port: number): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.once('error', reject);
    this.listen(port, host, resolve);
    await promise;
    this.off('error', reject);
    // What goes wrong on a connection is the client's doing or a scripted fault; its wire log line tells of it.
    this.on('error', () => undefined);
    return (this.server.address() as AddressInfo).port;
  }

  /** Records what is under way, cuts every connection and frees the port. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.close(resolve);
    for (const dialogue of this.#dialogues.values()) dialogue.shutDown();
    await promise;
  }

  /** Cuts the connections of the accounts in the scope. */
  cutConnections(scope: Scope): void {
    for (const dialogue of this.#dialogues.values())
      if (covers(scope, this.#context.personality.service, dialogue.account)) dialogue.cut();
  }

  override connect(socket: Socket, options?: ConstructorParameters<typeof SMTPConnection>[2]): void {
    if (this.#isStopped) {
      socket.destroy();
      return;
    }
    const dialogue = new SmtpDialogue(this, socket, options, this.#context);
    this.#dialogues.set(dialogue.session, dialogue);
    this.connections.add(dialogue);
    dialogue.on('error', (error: Error) => this.emit('error', error));
    dialogue.init();
  }

  override onConnect(session: SMTPServerSession, callback: (error?: Error | null) => void): void {
    this.#dialogue(session).greet(callback);
  }

  override onAuth(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    callback: (error: Error | null | undefined, response?: SMTPServerAuthenticationResponse) => void,
  ): void {
    this.#dialogue(session).login(auth, callback);
  }

  override onMailFrom(
    { address }: SMTPServerAddress,
    session: SMTPServerSession,
    callback: (error?: Error | null) => void,
  ): void {
    this.#dialogue(session).mailFrom(address, callback);
  }

  override onRcptTo(
    { address }: SMTPServerAddress,
    session: SMTPServerSession,
    callback: (error?: Error | null) => void,
  ): void {
    this.#dialogue(session).rcptTo(address, callback);
  }

  override onData(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    callback: (error?: Error | null) => void,
  ): void {
    this.#dialogue(session).receive(stream, callback);
  }

  override onClose(session: SMTPServerSession): void {
    this.#dialogues.delete(session);
  }

  #dialogue(session: SMTPServerSession): SmtpDialogue {
    const dialogue = this.#dialogues.get(session);
    if (dialogue === undefined)
      throw new Error('The SMTP library asked about a connection it did not announce.');
    return dialogue;
  }
}
