import type { Reason } from '../../api/reasons.ts';
import type { KindName } from '../../api/resource-kind.ts';

/** The object that a problem is about. */
export interface ObjectIdentity {
  readonly kind: KindName;
  readonly namespace: string;
  readonly name: string;
}

/** Something that keeps an object from working as declared. */
export interface Problem {
  readonly object: ObjectIdentity;
  /** Path of the field at fault, e.g. `spec.auth.appPassword.secretRef.name`. */
  readonly field: string;
  readonly reason: Reason;
  /** What is wrong and what to do, for people; stable as long as it is so. */
  readonly message: string;
  /** An Error keeps something from being sent as declared, a Warning does not. */
  readonly severity: 'Error' | 'Warning';
}

/** A problem of the object at hand; `isBlocking` = nothing goes by this object until it is solved. */
export interface Finding extends Omit<Problem, 'object'> {
  readonly isBlocking: boolean;
}

/** Why a route or campaign cannot be used, as the plan says it. */
export interface Blocked {
  readonly reason: Reason;
  readonly message: string;
}

/** An Error that keeps everything from going by the object. */
export function blocking(field: string, reason: Reason, message: string): Finding {
  return { field, reason, message, severity: 'Error', isBlocking: true };
}

/** An Error that leaves the rest of the object usable. */
export function partial(field: string, reason: Reason, message: string): Finding {
  return { field, reason, message, severity: 'Error', isBlocking: false };
}

/** Something to be told that keeps nothing from being sent. */
export function warning(field: string, reason: Reason, message: string): Finding {
  return { field, reason, message, severity: 'Warning', isBlocking: false };
}

/** The first blocking finding as the plan's `blocked`, ready to be spread into a route or campaign. */
export function blockedBy(findings: readonly Finding[]): { readonly blocked?: Blocked } {
  const first = findings.find((finding) => finding.isBlocking);
  return first === undefined ? {} : { blocked: { reason: first.reason, message: first.message } };
}

/** Findings as problems of an object. */
export function problemsOf(object: ObjectIdentity, findings: readonly Finding[]): Problem[] {
  return findings.map(({ field, reason, message, severity }) => ({
    object,
    field,
    reason,
    message,
    severity,
  }));
}
