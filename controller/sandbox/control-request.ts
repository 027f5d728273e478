import { z } from 'zod';
import { limitChangesSchema } from '../api/sandbox-config.ts';
import { faultSchema, scopeSchema } from './fault.ts';

/** Body of `POST /control`. */
export const controlRequestSchema = z.discriminatedUnion('action', [
  scopeSchema
    .extend({
      action: z.literal('SetFault'),
      fault: faultSchema,
      forSeconds: z.number().positive().max(86_400).optional().describe('Default: until it is cleared.'),
    })
    .describe('Switches a trouble on.'),
  scopeSchema.extend({ action: z.literal('ClearFaults') }).describe('Switches troubles off.'),
  scopeSchema
    .extend({ action: z.literal('SetLimits'), limits: limitChangesSchema })
    .describe('Changes limits; what was used stays counted.'),
  scopeSchema
    .extend({ action: z.literal('ResetUsage') })
    .describe('Forgets what was used, as if the windows had passed.'),
]);
export type ControlRequest = z.infer<typeof controlRequestSchema>;
