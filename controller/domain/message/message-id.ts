import { createHash } from 'node:crypto';
// SHIM by the lead so that the sender can be tried; the message helper replaces this file.
export function messageIdOf(parts: {
  namespace: string;
  pool: string;
  campaign: string;
  step: number;
  recipientKey: string;
  domain: string;
}): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([parts.namespace, parts.pool, parts.campaign, parts.step, parts.recipientKey]))
    .digest('base64url')
    .slice(0, 32);
  return `${hash}@${parts.domain}`;
}
