import { createHmac } from 'node:crypto';
// SHIM by the lead; the message helper replaces this file.
export function signUnsubscribeToken(
  key: string,
  subject: { namespace: string; pool: string; campaign: string; step: number; row: number },
): string {
  return createHmac('sha256', key).update(JSON.stringify(subject)).digest('base64url');
}
