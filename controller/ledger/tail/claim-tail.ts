import type {
  BeginRequest,
  Claim,
  RememberedClaim,
  Restatement,
  SenderKey,
  SettleRequest,
} from '../../domain/ports/queue-ledger.ts';
import { Recent, type TailTimes } from './recent.ts';

interface Begun {
  readonly request: BeginRequest;
  readonly atMs: number;
}

interface Ended {
  readonly request: SettleRequest;
  readonly begun: Begun | undefined;
}

/** What one sender did. */
interface SenderTail {
  readonly sender: SenderKey;
  lastToken: string;
  /** By token; what is on the wire stays, however old. */
  readonly onWire: Map<string, Begun>;
  readonly ended: Recent<Ended>;
}

/** The last that the senders of this process did to their claims: what a ledger that lost its last writes must be told again. */
export class ClaimTail {
  readonly #times: TailTimes;
  readonly #tails = new Map<string, SenderTail>();

  constructor(times: TailTimes) {
    this.#times = times;
  }

  claimed(sender: SenderKey, claims: readonly Claim[]): void {
    const last = claims.at(-1);
    if (last !== undefined) this.#tailOf(sender).lastToken = last.token;
  }

  began(sender: SenderKey, request: BeginRequest): void {
    this.#tailOf(sender).onWire.set(request.claim.token, { request, atMs: this.#times.nowMs() });
  }

  settled(sender: SenderKey, request: SettleRequest): void {
    const { onWire, ended } = this.#tailOf(sender);
    const { token } = request.claim;
    ended.add({ request, begun: onWire.get(token) });
    onWire.delete(token);
  }

  /** The claim is not the sender's any more. */
  lost(sender: SenderKey, { token }: Claim): void {
    this.#tailOf(sender).onWire.delete(token);
  }

  /** The sender knows of no other claims than these. */
  holdsOnly(sender: SenderKey, held: readonly string[]): void {
    const { onWire } = this.#tailOf(sender);
    const known = new Set(held);
    for (const token of onWire.keys()) if (!known.has(token)) onWire.delete(token);
  }

  /** What each sender tells. */
  told(): { readonly sender: SenderKey; readonly restatement: Restatement }[] {
    return [...this.#tails.values()].map((tail) => {
      const claims = [...this.#endedOf(tail), ...this.#begunOf(tail)];
      return { sender: tail.sender, restatement: { lastToken: tail.lastToken, claims } };
    });
  }

  clear(): void {
    this.#tails.clear();
  }

  #endedOf({ ended }: SenderTail): RememberedClaim[] {
    const nowMs = this.#times.nowMs();
    return ended.items.map(({ item: { request, begun }, atMs }) => ({
      claim: request.claim,
      ...(begun !== undefined && { begun: { request: begun.request, ageMs: nowMs - begun.atMs } }),
      ended: { request, ageMs: nowMs - atMs },
    }));
  }

  #begunOf({ onWire }: SenderTail): RememberedClaim[] {
    const nowMs = this.#times.nowMs();
    return [...onWire.values()].map(({ request, atMs }) => ({
      claim: request.claim,
      begun: { request, ageMs: nowMs - atMs },
    }));
  }

  #tailOf(sender: SenderKey): SenderTail {
    const name = `${sender.namespace}/${sender.pool}/${sender.senderId}`;
    const known = this.#tails.get(name);
    if (known !== undefined) return known;
    const ended = new Recent<Ended>(this.#times);
    const added = { sender, lastToken: '', onWire: new Map<string, Begun>(), ended };
    this.#tails.set(name, added);
    return added;
  }
}
