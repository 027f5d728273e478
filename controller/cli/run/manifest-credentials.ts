import type { Credentials } from '../../domain/ports/route.ts';
import type { DataEntries } from '../manifests/data-object.ts';

/** Credentials from the Secret documents of the manifests; an edited Secret is used at the next connection. */
export class ManifestCredentials implements Credentials {
  #secrets: ReadonlyMap<string, DataEntries> = new Map();

  replace(secrets: ReadonlyMap<string, DataEntries>): void {
    this.#secrets = secrets;
  }

  read(namespace: string, secretName: string): Promise<Readonly<Record<string, string>> | undefined> {
    const data = this.#secrets.get(`${namespace}/${secretName}`);
    if (!data) return Promise.resolve(undefined);
    const decoder = new TextDecoder();
    return Promise.resolve(
      Object.fromEntries(Object.entries(data).map(([key, bytes]) => [key, decoder.decode(bytes)])),
    );
  }
}
