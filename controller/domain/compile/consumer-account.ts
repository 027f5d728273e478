import type { MailboxSpec } from '../../api/mailbox.ts';
import { canonicalAddress } from '../address/canonical-address.ts';

/** True for an account of the free Gmail service, whatever provider its manifest names. */
export function isConsumerGmail(spec: Pick<MailboxSpec, 'address' | 'provider'>): boolean {
  return spec.provider === 'Gmail' || canonicalAddress(spec.address).endsWith('@gmail.com');
}
