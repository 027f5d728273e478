import type { AudienceCounts } from '../../controller/domain/ports/audience-ledger.ts';
import { AudienceReading, type AudienceOptions } from '../../controller/domain/audience/read-audience.ts';
import type { AudienceBytes } from '../../controller/domain/audience/source-text.ts';

/** The source in pieces of `size` bytes, as a slow file or connection gives it. */
export async function* inPieces(
  text: string | Uint8Array,
  size: number,
): AsyncGenerator<Uint8Array, undefined> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** An audience read to its end. `lines` says of each row what became of it: `2: anna@example.com {"name":"Anna"}`, `3: invalid, has no @`. */
export async function readAll(
  source: AudienceBytes,
  options: Partial<AudienceOptions> = {},
): Promise<{ readonly lines: string[]; readonly counts: AudienceCounts }> {
  const reading = new AudienceReading(source, { format: 'CSV', emailColumn: 'email', ...options });
  const lines: string[] = [];
  for await (const item of reading)
    lines.push(
      'row' in item
        ? `${item.line}: ${item.row.address} ${JSON.stringify(item.row.variables)}`
        : `${item.line}: ${item.rejected}, ${item.reason}`,
    );
  return { lines, counts: reading.counts };
}
