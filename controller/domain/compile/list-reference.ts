import { blocking, type Finding } from './problem.ts';

/** State of the SuppressionLists of one namespace, for those who refer to them. */
interface ListState {
  readonly isDeclared: boolean;
  /** True when everything that the list declares could be read. */
  readonly isComplete: boolean;
}

/** Answers for a namespace and a list's name. */
export type ListLookup = (namespace: string, name: string) => ListState;

/** Suppression fails closed: who refers to a list that is not there, or not whole, sends nothing. */
export function checkLists(lookup: ListLookup, namespace: string, names: readonly string[]): Finding[] {
  const field = 'spec.suppressionLists';
  return [...names].sort().flatMap((name) => {
    const list = lookup(namespace, name);
    if (!list.isDeclared) {
      const message = `SuppressionList ${name} does not exist in namespace ${namespace}, so nothing is sent: create it or take the name out`;
      return [blocking(field, 'SuppressionListNotFound', message)];
    }
    if (list.isComplete) return [];
    const message = `SuppressionList ${name} cannot be read in full, so nothing is sent: see its own conditions`;
    return [blocking(field, 'SuppressionListNotFound', message)];
  });
}
