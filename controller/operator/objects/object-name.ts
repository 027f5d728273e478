import { createHash } from 'node:crypto';

/** Longest name of an object that makes pods: a pod's name adds 17 characters, and its host name has 63. */
const LONGEST_NAME = 46;
/** Longest label value. */
const LONGEST_LABEL = 63;
const HASH_LENGTH = 8;

/**
 * A name that follows from `text` alone: itself where it fits, else its beginning and a hash. Dots, which objects may have in their
 * names but host names may not, count as not fitting.
 */
export function objectName(text: string): string {
  return text.length <= LONGEST_NAME && !text.includes('.')
    ? text
    : shortened(text.replaceAll('.', '-'), text, LONGEST_NAME);
}

/** An object's name as the value of a label. */
export function labelValue(name: string): string {
  return name.length <= LONGEST_LABEL ? name : shortened(name, name, LONGEST_LABEL);
}

function shortened(readable: string, whole: string, length: number): string {
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_LENGTH);
  const start = readable.slice(0, length - HASH_LENGTH - 1).replace(/[-.]+$/, '');
  return `${start}-${hash}`;
}
