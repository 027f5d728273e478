import { getCACertificates } from 'node:tls';

/** Node replaces its trust by `ca`, so the default authorities are named again beside ours. */
export function trustedBesides(ca: string): string[] {
  return [...getCACertificates('default'), ca];
}
