/**
 * Who we are to the API server: a bearer token, a password or a client certificate, re-read where they can change.
 *
 * Token files and exec plugins are client-node's; around them: one plugin run at a time, a limit on how long it may
 * take, and a way to throw away what the server refused.
 */
import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import { CredentialsError } from './api-error.ts';
import type { ClusterAccess } from './kube-config.ts';

/** What one request carries and what its connection presents. */
export interface Identity {
  headers: Record<string, string>;
  tls: TlsMaterial;
}

export interface TlsMaterial {
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  servername?: string;
  rejectUnauthorized?: boolean;
}

/** What client-node's authenticators write into. */
type AuthenticatedOptions = RequestOptions & { headers: Record<string, string> };

/** A plugin that needs longer than this is waiting for somebody to log in. */
const PLUGIN_TIMEOUT_MS = 30_000;
/** Answers of plugins are kept by their expiry, token files for a minute (as client-go does); this bounds how often we ask. */
const IDENTITY_LIFETIME_MS = 10_000;

export class Credentials {
  readonly #access: ClusterAccess;
  readonly #monotonic: () => number;
  #identity: Identity | undefined;
  #freshUntilMs = 0;
  #pending: Promise<Identity> | undefined;
  #fileAuth = new FileAuth();
  #execAuth = new ExecAuth();
  #tls: TlsMaterial | undefined;

  constructor(access: ClusterAccess, monotonic: () => number) {
    this.#access = access;
    this.#monotonic = monotonic;
  }

  /** The identity of the moment without waiting, or undefined when it must be fetched with `fetch`. */
  current(): Identity | undefined {
    return this.#monotonic() < this.#freshUntilMs ? this.#identity : undefined;
  }

  /** Reads files and runs plugins as needed; concurrent callers share one run. @throws CredentialsError */
  fetch(): Promise<Identity> {
    this.#pending ??= this.#load().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  /** Drops everything read so far, because the server refused it: the next call reads files and asks plugins again. */
  forget(): void {
    this.#freshUntilMs = 0;
    this.#fileAuth = new FileAuth();
    this.#execAuth = new ExecAuth();
    this.#tls = undefined;
  }

  async #load(): Promise<Identity> {
    try {
      this.#tls ??= await tlsOf(this.#access);
      const options = await this.#authenticate();
      const tls = { ...this.#tls };
      if (typeof options.cert === 'string') tls.cert = options.cert;
      if (typeof options.key === 'string') tls.key = options.key;
      this.#identity = { headers: headersOf(this.#access, options), tls };
      this.#freshUntilMs = this.#monotonic() + IDENTITY_LIFETIME_MS;
      return this.#identity;
    } catch (error) {
      const user = this.#access.user.name;
      throw new CredentialsError(
        `No credentials for the API server: user "${user}" of the kubeconfig or the service account could not be read.`,
        { cause: error },
      );
    }
  }

  async #authenticate(): Promise<AuthenticatedOptions> {
    const { user, cluster } = this.#access;
    const options: AuthenticatedOptions = { headers: {} };
    if (this.#execAuth.isAuthProvider(user)) {
      // Plugins must be told that nobody is there to answer their questions.
      const spec = {
        apiVersion: user.exec?.apiVersion,
        kind: 'ExecCredential',
        spec: { interactive: false },
      };
      const env = [
        ...(user.exec?.env ?? []),
        {
          name: 'KUBERNETES_EXEC_INFO',
          value: JSON.stringify({ ...spec, cluster: { server: cluster.server } }),
        },
      ];
      await withinMs(
        PLUGIN_TIMEOUT_MS,
        this.#execAuth.applyAuthentication({ ...user, exec: { ...user.exec, env } }, options),
      );
    } else if (this.#fileAuth.isAuthProvider(user)) {
      await this.#fileAuth.applyAuthentication(user, options);
    } else if (user.authProvider) {
      throw new Error(`The auth provider "${user.authProvider.name}" is not supported: use an exec plugin.`);
    }
    return options;
  }
}

async function tlsOf({ cluster, user }: ClusterAccess): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all([
    fileOrBase64(cluster.caFile, cluster.caData),
    fileOrBase64(user.certFile, user.certData),
    fileOrBase64(user.keyFile, user.keyData),
  ]);
  const tls: TlsMaterial = {};
  if (ca) tls.ca = ca;
  if (cert) tls.cert = cert;
  if (key) tls.key = key;
  if (cluster.tlsServerName) tls.servername = cluster.tlsServerName;
  if (cluster.skipTLSVerify) tls.rejectUnauthorized = false;
  return tls;
}

async function fileOrBase64(path: string | undefined, data: string | undefined): Promise<Buffer | undefined> {
  if (path) return readFile(path);
  return data ? Buffer.from(data, 'base64') : undefined;
}

function headersOf({ user }: ClusterAccess, given: AuthenticatedOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  // A file that ends in a newline would make an invalid header.
  if (given.headers['Authorization']) headers['authorization'] = given.headers['Authorization'].trim();
  if (user.token) headers['authorization'] = `Bearer ${user.token.trim()}`;
  if (user.username) {
    headers['authorization'] =
      `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
  }
  if (user.impersonateUser) headers['impersonate-user'] = user.impersonateUser;
  return headers;
}

async function withinMs<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The credential plugin did not answer within ${limitMs} ms.`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
