import { z } from 'zod';
import { count, hostName, keyRef } from './field.ts';

/** How TLS begins. There is no plaintext mode: credentials never cross a wire in the clear. */
export const TLS_MODES = ['Implicit', 'StartTls'] as const;

export const smtpEndpointSchema = z.strictObject({
  host: hostName.optional().describe("Host name of the submission service. Default: the provider's."),
  port: count(1, 65535).optional().describe("TCP port. Default: the provider's (465 or 587)."),
  tls: z
    .enum(TLS_MODES)
    .optional()
    .describe(
      'Implicit (TLS from the first byte) or StartTls (required, never opportunistic). Default: Implicit on port 465, else StartTls.',
    ),
  caSecretRef: keyRef('Secret', 'ca.crt')
    .optional()
    .describe('PEM certificate authority to trust for this host besides the public ones.'),
});

export const imapEndpointSchema = z.strictObject({
  host: hostName.optional().describe("Host name of the IMAP service. Default: the provider's."),
  port: count(1, 65535).optional().describe('TCP port. Default 993; TLS always.'),
});
