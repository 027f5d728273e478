/** Domain of every fourth recipient, half of them at a subdomain of it: the pool has a limit of its own for what it sends there. */
export const CLUB = 'club.example';

/** Addresses r0@club.example, r1@shop.example … of a run's audiences. */
export function recipients(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => recipient(first + index));
}

function recipient(row: number): string {
  if (row % 4 !== 0) return `r${row}@shop.example`;
  return row % 8 === 0 ? `r${row}@${CLUB}` : `r${row}@mail.${CLUB}`;
}
