import { LedgerLost, LedgerUnavailable, type Ledger } from '../../../../controller/domain/ports/ledger.ts';

/** The ledger, all of whose methods reject as long as it is away. */
export function failingLedger(model: Ledger, isAway: () => boolean): Ledger {
  return failing(model, () => (isAway() ? new LedgerUnavailable('as the test wants it') : undefined));
}

/** A ledger that is lost while nothing is there, and then the one that took its place. */
export function losableLedger(present: () => Ledger | undefined, former: Ledger): Ledger {
  return new Proxy(former, {
    get: (_former, property): unknown => {
      const ledger = present();
      const lost = () => (ledger === undefined ? new LedgerLost('as the test wants it') : undefined);
      return Reflect.get(failing(ledger ?? former, lost), property);
    },
  });
}

function failing<T extends object>(part: T, failure: () => Error | undefined): T {
  return new Proxy(part, {
    get: (target, property, receiver): unknown => {
      const value: unknown = Reflect.get(target, property, receiver);
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        return failing(value, failure);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        const error = failure();
        return error === undefined ? Reflect.apply(value, target, args) : Promise.reject(error);
      };
    },
  });
}
