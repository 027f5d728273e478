import type { AudienceSource } from '../../api/campaign.ts';
import { addressKey } from '../address/address-key.ts';
import { canonicalForm } from '../address/canonical-address.ts';
import { parseAddress } from '../address/parse-address.ts';
import type { AudienceCounts, AudienceRow } from '../ports/audience-ledger.ts';
import { csvRows } from './csv-rows.ts';
import { jsonArrayElements } from './json-array.ts';
import { jsonRows } from './json-rows.ts';
import { KeyTable } from './key-table.ts';
import type { SourceRow } from './source-row.ts';
import { sourceText, type AudienceBytes } from './source-text.ts';
import { textLines } from './text-lines.ts';

export type AudienceOptions = Pick<AudienceSource, 'format' | 'emailColumn'>;

/** A row that became no recipient. */
export interface RejectedRow {
  readonly rejected: 'invalid' | 'duplicate';
  /** Line of the source on which the row begins, from 1. */
  readonly line: number;
  /** To be read after the row: `line 7 has no @`. */
  readonly reason: string;
}

export interface AcceptedRow {
  readonly line: number;
  readonly row: AudienceRow;
}

/**
 * Reads an audience as a stream: each row comes out once, accepted or rejected with its line and reason. Of rows that reach the same
 * mailbox in any spelling, the first is accepted. Memory grows with the number of accepted rows by their keys only.
 *
 * Throws AudienceUnreadable when the source as a whole is of no use (wrong encoding or format, no address column); what came out before
 * must then not be imported.
 */
export class AudienceReading implements AsyncIterable<AcceptedRow | RejectedRow> {
  readonly #source: AudienceBytes;
  readonly #options: AudienceOptions;
  /** Line of each accepted row by its key. */
  readonly #keys = new KeyTable();
  #invalid = 0;
  #duplicate = 0;

  constructor(source: AudienceBytes, options: AudienceOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Counts so far; final when the iteration has ended. */
  get counts(): AudienceCounts {
    const accepted = this.#keys.size;
    const [invalid, duplicate] = [this.#invalid, this.#duplicate];
    return { read: accepted + invalid + duplicate, accepted, invalid, duplicate };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AcceptedRow | RejectedRow, undefined> {
    for await (const row of sourceRows(sourceText(this.#source), this.#options)) yield this.#judge(row);
  }

  #judge(row: SourceRow): AcceptedRow | RejectedRow {
    const { line } = row;
    if ('problem' in row) return this.#invalidRow(line, row.problem);
    const parsed = parseAddress(row.address);
    if ('problem' in parsed) return this.#invalidRow(line, addressReason(row.address, parsed.problem));
    if (!parsed.isAscii) return this.#invalidRow(line, addressReason(row.address, NEEDS_SMTPUTF8));
    const key = addressKey(canonicalForm(parsed));
    const first = this.#keys.put(key, line);
    if (first !== undefined) {
      this.#keys.put(key, first);
      this.#duplicate += 1;
      return {
        rejected: 'duplicate',
        line,
        reason: addressReason(row.address, `is the same mailbox as in line ${first}`),
      };
    }
    return { line, row: { address: parsed.address, key, variables: row.variables } };
  }

  #invalidRow(line: number, reason: string): RejectedRow {
    this.#invalid += 1;
    return { rejected: 'invalid', line, reason };
  }
}

/**
 * A local part beyond ASCII can only be sent when every server on the way offers SMTPUTF8 (RFC 6531). Gmail's submission does, most ESP
 * relays do not, and the route is not known when the row is read.
 */
const NEEDS_SMTPUTF8 =
  'has letters beyond ASCII before the @: that needs SMTPUTF8, which not every route offers';

/** Longest piece of a bad address that is repeated. */
const MAX_SHOWN = 100;

function addressReason(address: string, problem: string): string {
  return `${JSON.stringify(address.trim().slice(0, MAX_SHOWN))} ${problem}`;
}

function sourceRows(text: AsyncIterable<string>, options: AudienceOptions): AsyncIterable<SourceRow> {
  const { format, emailColumn } = options;
  if (format === 'CSV') return csvRows(text, emailColumn);
  return jsonRows(format === 'JSON' ? jsonArrayElements(text) : textLines(text), emailColumn);
}
