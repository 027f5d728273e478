/** Domain of some of the recipients, half of them at a subdomain of it: the pool has a limit of its own for what it sends there. */
export const CLUB = 'club.example';

/**
 * Of so many rows the first are of the club: more at once than its limit lets go, fewer in all than would make a run longer, so that the
 * limit binds whatever else holds the senders back.
 */
const CLUB_ROWS = { of: 800, first: 130 } as const;

/** Addresses r0@club.example, r1@mail.club.example … r130@shop.example … of a run's audiences. */
export function recipients(count: number, first = 0): string[] {
  return Array.from({ length: count }, (_, index) => recipient(first + index));
}

function recipient(row: number): string {
  if (row % CLUB_ROWS.of >= CLUB_ROWS.first) return `r${row}@shop.example`;
  return row % 2 === 0 ? `r${row}@${CLUB}` : `r${row}@mail.${CLUB}`;
}
