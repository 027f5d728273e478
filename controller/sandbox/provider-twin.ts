import type { SandboxService } from '../api/sandbox-config.ts';
import type { Account } from './account.ts';
import type { TlsIdentity } from './certificate.ts';
import type { Scope } from './fault.ts';
import { covers } from './fault.ts';
import type { ServiceContext } from './mail-session.ts';
import { SmtpService } from './smtp-service.ts';

/** Where one provider is reached. */
export interface SmtpAddress {
  readonly host: string;
  readonly startTlsPort: number;
  readonly tlsPort: number;
}

/** One provider: its accounts, and a port for each way in which TLS begins. */
export class ProviderTwin {
  readonly #context: ServiceContext;
  readonly #startTls: SmtpService;
  readonly #tls: SmtpService;

  constructor(context: ServiceContext, identity: TlsIdentity) {
    this.#context = context;
    this.#startTls = new SmtpService(context, 'StartTls', identity);
    this.#tls = new SmtpService(context, 'Implicit', identity);
  }

  get service(): SandboxService {
    return this.#context.personality.service;
  }

  /** Takes both ports (0: free ones); rejects when one is taken. */
  async listen(host: string, startTlsPort: number, tlsPort: number): Promise<SmtpAddress> {
    return {
      host,
      startTlsPort: await this.#startTls.start(host, startTlsPort),
      tlsPort: await this.#tls.start(host, tlsPort),
    };
  }

  /** The configured accounts that the scope covers. */
  accountsIn(scope: Scope): Account[] {
    return [...this.#context.accounts.values()].filter(({ name }) => covers(scope, this.service, name));
  }

  /** Cuts the connections of the accounts that the scope covers. */
  cutConnections(scope: Scope): void {
    this.#startTls.cutConnections(scope);
    this.#tls.cutConnections(scope);
  }

  /** Records what is under way, cuts every connection and frees the ports. */
  async stop(): Promise<void> {
    await Promise.all([this.#startTls.stop(), this.#tls.stop()]);
  }
}
