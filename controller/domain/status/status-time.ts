/** A time as a status says it: RFC 3339, whole seconds. */
export function statusTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -'.000Z'.length)}Z`;
}

/** A time as a report says it: RFC 3339, to the millisecond. */
export function reportTime(ms: number): string {
  return new Date(ms).toISOString();
}
