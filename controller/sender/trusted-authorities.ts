import { createSecureContext, getCACertificates, type ConnectionOptions, type SecureContext } from 'node:tls';

const LEAST: Pick<ConnectionOptions, 'minVersion'> = { minVersion: 'TLSv1.2' };

/**
 * How TLS is spoken, and whom it trusts. With an authority besides the public ones, a context holds all of them: ten milliseconds and most of a
 * megabyte, so the thousands of mailboxes of a pool share the one of their authority.
 */
export class TrustedAuthorities {
  readonly #contexts = new Map<string, SecureContext>();

  /** Options of a connection; `ca` is the PEM of a certificate authority. */
  tls(ca: string | undefined): ConnectionOptions {
    return ca === undefined ? LEAST : { ...LEAST, secureContext: this.#contextOf(ca) };
  }

  #contextOf(ca: string): SecureContext {
    const known = this.#contexts.get(ca);
    if (known !== undefined) return known;
    // Node replaces its trust by `ca`, so the default authorities are named again beside ours.
    const context = createSecureContext({ ...LEAST, ca: [...getCACertificates('default'), ca] });
    this.#contexts.set(ca, context);
    return context;
  }
}
