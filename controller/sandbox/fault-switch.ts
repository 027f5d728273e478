import type { Fault, Scope } from './fault.ts';
import { covers } from './fault.ts';

interface ActiveFault {
  readonly scope: Scope;
  readonly fault: Fault;
  readonly timer: NodeJS.Timeout | undefined;
}

/** The troubles that are on now. The latest one that covers an account is the one that shows. */
export class FaultSwitch {
  #active: ActiveFault[] = [];
  #changed = Promise.withResolvers<void>();

  /** Switches a fault on, instead of an earlier one of the same scope, for so many seconds or until it is cleared. */
  set(scope: Scope, fault: Fault, forSeconds: number | undefined): void {
    this.#remove((other) => isSameScope(other.scope, scope));
    const timer =
      forSeconds === undefined ? undefined : setTimeout(() => this.#expire(active), forSeconds * 1000);
    timer?.unref();
    const active = { scope, fault, timer };
    this.#active.unshift(active);
    this.#announce();
  }

  /** Switches off every fault whose service and account are those of the scope; an empty scope clears all. */
  clear(scope: Scope): void {
    this.#remove(
      ({ scope: other }) =>
        (scope.service === undefined || scope.service === other.service) &&
        (scope.account === undefined || scope.account.toLowerCase() === other.account?.toLowerCase()),
    );
    this.#announce();
  }

  /** The fault that shows to this account; an account that is not known yet is the empty string. */
  active(service: string, account: string): Fault | undefined {
    return this.#active.find(({ scope }) => covers(scope, service, account))?.fault;
  }

  /** Resolves at the next change, also when a fault ends by itself. */
  changed(): Promise<void> {
    return this.#changed.promise;
  }

  #expire(active: ActiveFault): void {
    this.#remove((other) => other === active);
    this.#announce();
  }

  #remove(isOut: (active: ActiveFault) => boolean): void {
    for (const { timer } of this.#active.filter(isOut)) clearTimeout(timer);
    this.#active = this.#active.filter((active) => !isOut(active));
  }

  #announce(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function isSameScope(one: Scope, other: Scope): boolean {
  return one.service === other.service && one.account?.toLowerCase() === other.account?.toLowerCase();
}
