/**
 * Milliseconds since the epoch of an RFC 3339 time or a date (its UTC midnight); undefined when the calendar has no such day or the clock
 * no such time. The runtime's own parser would make 3 March of 31 February.
 */
export function parseTime(text: string): number | undefined {
  const ms = Date.parse(text);
  const day = Date.parse(text.slice(0, 10));
  if (Number.isNaN(ms) || Number.isNaN(day)) return undefined;
  return new Date(day).toISOString().slice(0, 10) === text.slice(0, 10) ? ms : undefined;
}
