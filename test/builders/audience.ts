import type { AudienceRow } from '../../controller/domain/ports/audience-ledger.ts';

/** The row of r0@example.net. */
export function anAudienceRow(overrides: Partial<AudienceRow> = {}): AudienceRow {
  const address = overrides.address ?? 'r0@example.net';
  return { address, key: address.toLowerCase(), variables: {}, ...overrides };
}

/** `count` rows r0@example.net, r1@example.net …, counted from `first`. */
export function audienceRows(count: number, first = 0): AudienceRow[] {
  return Array.from({ length: count }, (_, index) =>
    anAudienceRow({
      address: `r${first + index}@example.net`,
      variables: { name: `Person ${first + index}` },
    }),
  );
}
