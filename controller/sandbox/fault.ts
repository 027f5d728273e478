import { z } from 'zod';
import { refusalTextSchema, sandboxServiceSchema } from '../api/sandbox-config.ts';

/** A trouble that is switched on at run time, for a whole service or for one account. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('RefuseLogins') }).describe('Credentials that were good are refused.'),
  z.strictObject({ kind: z.literal('Hang') }).describe('Commands are not answered until the fault ends.'),
  z
    .strictObject({ kind: z.literal('DropConnections') })
    .describe('Connections are cut, those there are and new ones.'),
  z
    .strictObject({
      kind: z.literal('Reply'),
      at: z.enum(['Connect', 'Auth', 'Mail', 'Rcpt', 'Data', 'Dot']).default('Mail'),
      reply: refusalTextSchema,
    })
    .describe('One command is refused, verbatim.'),
]);
export type Fault = z.infer<typeof faultSchema>;

/** Whom a fault or a change concerns; without an account, all of them; without a service, both. */
export const scopeSchema = z.strictObject({
  service: sandboxServiceSchema.optional(),
  account: z.string().min(1).max(254).optional(),
});
export type Scope = z.infer<typeof scopeSchema>;

/** True when the scope covers this account of this service; an account that is not known yet is the empty string. */
export function covers(scope: Scope, service: string, account: string): boolean {
  if (scope.service !== undefined && scope.service !== service) return false;
  return scope.account === undefined || scope.account.toLowerCase() === account.toLowerCase();
}
