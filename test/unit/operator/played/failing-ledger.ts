import { LedgerUnavailable, type Ledger } from '../../../../controller/domain/ports/ledger.ts';

/** The ledger, all of whose methods reject as long as it is away. */
export function failingLedger(model: Ledger, isAway: () => boolean): Ledger {
  return failing(model, isAway);
}

function failing<T extends object>(part: T, isAway: () => boolean): T {
  return new Proxy(part, {
    get: (target, property, receiver): unknown => {
      const value: unknown = Reflect.get(target, property, receiver);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return failing(value, isAway);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown =>
        isAway()
          ? Promise.reject(new LedgerUnavailable('as the test wants it'))
          : Reflect.apply(value, target, args);
    },
  });
}
