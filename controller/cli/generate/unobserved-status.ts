import type { CrdSchema } from './crd-schema.ts';

/** Differs from every generation. */
const NONE_OBSERVED = -1;

/**
 * The schema of a status with what it says before the operator has looked at the object. Without it a new object would have no status at
 * all, which tools that wait for objects (kstatus: Flux, kubectl) take for finished.
 */
export function unobservedStatus(status: CrdSchema): CrdSchema {
  const properties = status['properties'] as Readonly<Record<string, CrdSchema>>;
  const observedGeneration = { ...properties['observedGeneration'], minimum: NONE_OBSERVED };
  return {
    ...status,
    default: { observedGeneration: NONE_OBSERVED },
    properties: { ...properties, observedGeneration },
  };
}
