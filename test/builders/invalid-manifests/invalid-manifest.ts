import type { Manifest } from '../manifest.ts';

/** A manifest with one fault, and the words for it. The API server and the loader must agree on verdict and field. */
export interface InvalidManifest {
  /** Reads as "refuses …". */
  readonly fault: string;
  readonly manifest: Manifest;
  readonly field: string;
  readonly message: string;
  /** Where the API server writes the field differently: keys of mappings in brackets. */
  readonly serverField?: string;
  /** The API server's words where they are its own; otherwise it must say `message`. */
  readonly serverMessage?: string;
}

/** What is said of a name that no object can have. */
export const OBJECT_NAME = 'must be an object name such as growth-1: lower-case letters, digits, "-" and "."';

/** A text of this length. */
export const letters = (count: number): string => 'x'.repeat(count);
