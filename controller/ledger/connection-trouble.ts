import { isLoginRefusal, ledgerFailure } from './failure.ts';
import type { RedisClient } from './scripts.ts';

/** A connection that is open for so long and not ready, ms: Redis answers, else it would have been given up, but still loads its data. */
const LOADING_AFTER_MS = 3_000;

/**
 * Tells why there is no connection, each reason once until there is one again. A call that fails meanwhile only knows that there is none: a
 * password that was changed, or a Redis that loads its data, would look like one that does not run. `isOpen`: from then on; before, opening
 * fails for the reason, but for the loading, for which it waits.
 */
export function tellConnectionTrouble(
  client: RedisClient,
  tell: (sentence: string) => void,
  isOpen: () => boolean,
): void {
  const told = new Set<string>();
  const tellOnce = (error: unknown): void => {
    const { message } = ledgerFailure(error);
    if (told.has(message)) return;
    told.add(message);
    tell(message);
  };
  client.on('error', (error) => {
    if (isOpen()) tellOnce(error);
  });
  client.on('ready', () => told.clear());
  client.on('connect', () => {
    const timer = setTimeout(() => {
      if (client.status === 'connect') tellOnce(new Error('LOADING the dataset in memory'));
    }, LOADING_AFTER_MS);
    timer.unref();
    client.once('close', () => clearTimeout(timer));
  });
}

/** Tells each time Redis does not take the login, with its error, and whenever there is a connection, without one. */
export function tellLogin(client: RedisClient, tell: (refusal?: Error) => void): void {
  client.on('error', (error: Error) => {
    if (isLoginRefusal(error)) tell(error);
  });
  client.on('ready', () => tell());
}
