import type { WireRecord } from './wire-log-file.ts';

/** What one account did, counted over the whole wire log. */
export interface AccountSummary {
  readonly service: WireRecord['service'];
  readonly account: string;
  /** Mail transactions, accepted or not. */
  transactions: number;
  acceptedMessages: number;
  acceptedRecipients: number;
  /** Transactions that ended without a reply. */
  disconnects: number;
  /** Refused transactions and logins by code and enhanced code, e.g. `550 5.4.5`. */
  readonly refused: Record<string, number>;
}

/** Running totals of a wire log. */
export class WireSummary {
  readonly #accounts = new Map<string, AccountSummary>();

  add(record: WireRecord): void {
    const summary = this.#summaryOf(record);
    if (record.kind === 'Transaction') summary.transactions += 1;
    if (record.accepted) {
      summary.acceptedMessages += 1;
      summary.acceptedRecipients += record.acceptedRcpts.length;
    }
    if (record.reply === '') summary.disconnects += 1;
    const code = replyCode(record.reply);
    if (code !== undefined) summary.refused[code] = (summary.refused[code] ?? 0) + 1;
  }

  /** Totals in the order in which the accounts were first seen. */
  accounts(): AccountSummary[] {
    return [...this.#accounts.values()];
  }

  #summaryOf({ service, account }: WireRecord): AccountSummary {
    const key = `${service} ${account}`;
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const summary = {
      service,
      account,
      transactions: 0,
      acceptedMessages: 0,
      acceptedRecipients: 0,
      disconnects: 0,
      refused: {},
    };
    this.#accounts.set(key, summary);
    return summary;
  }
}

/** Code and enhanced code of a refusal; undefined for anything else. */
function replyCode(reply: string): string | undefined {
  return /^[45]\d\d( [45]\.\d{1,3}\.\d{1,3})?/.exec(reply)?.[0];
}
