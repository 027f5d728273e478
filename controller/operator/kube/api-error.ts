/**
 * What can go wrong between us and the API server, with messages that may be put into a condition: short, and the
 * same on every retry. The server's own text (which may hold pointers, times or values) is kept in `detail`, for logs.
 */

/** The `Status` object the API server answers with when it refuses. */
export interface ApiStatus {
  message?: string;
  reason?: string;
  code?: number;
  details?: {
    name?: string;
    kind?: string;
    retryAfterSeconds?: number;
    causes?: { reason?: string; message?: string; field?: string }[];
  };
}

/** What was being done, for messages: `apply mailboxes.mailers.dev sales/anna`. */
export type Operation = string;

/** The API server answered with an error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status, or the `code` of a Status object inside a watch. */
  readonly status: number;
  /** The machine-readable reason of Kubernetes, such as `NotFound`, `Conflict`, `Expired`, `Invalid`. */
  readonly reason: string;
  /** How long the server asked us to wait, when it did. */
  readonly retryAfterSeconds: number | undefined;
  /** The fields the server objected to; stable, so fit for a condition. */
  readonly fields: readonly string[];
  /** Machine-readable reasons of the parts, such as `ResourceVersionTooLarge`. */
  readonly causes: readonly string[];
  /** The server's own words: for logs and Events only, they may differ from try to try. */
  readonly detail: string;

  constructor(operation: Operation, status: number, body: ApiStatus) {
    const reason = body.reason || reasonOfStatus(status);
    const fields = fieldsOf(body);
    super(`${operation}: ${reason} (${status})${fields.length > 0 ? ` at ${fields.join(', ')}` : ''}`);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = body.details?.retryAfterSeconds;
    this.fields = fields;
    this.causes = (body.details?.causes ?? []).flatMap((cause) => (cause.reason ? [cause.reason] : []));
    this.detail = body.message ?? '';
  }
}

// Enough to find the mistake, few enough to stay readable in `kubectl get`.
const MOST_FIELDS_NAMED = 5;

function fieldsOf(body: ApiStatus): string[] {
  const fields = (body.details?.causes ?? []).flatMap((cause) => (cause.field ? [cause.field] : []));
  return [...new Set(fields)].sort().slice(0, MOST_FIELDS_NAMED);
}

function reasonOfStatus(status: number): string {
  const known: Record<number, string> = {
    400: 'BadRequest',
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'NotFound',
    409: 'Conflict',
    410: 'Expired',
    413: 'RequestEntityTooLarge',
    415: 'UnsupportedMediaType',
    422: 'Invalid',
    429: 'TooManyRequests',
    500: 'InternalError',
    503: 'ServiceUnavailable',
    504: 'Timeout',
  };
  return known[status] ?? 'UnexpectedStatus';
}

/** Why no answer came. `Aborted` is our own doing: the caller's signal. */
export type ConnectionFailure =
  'TimedOut' | 'Refused' | 'Closed' | 'Stalled' | 'Untrusted' | 'Malformed' | 'Aborted';

/** No usable answer came from the API server. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly failure: ConnectionFailure;

  constructor(operation: Operation, failure: ConnectionFailure, cause?: unknown) {
    super(`${operation}: ${SENTENCES[failure]}`, { cause });
    this.failure = failure;
  }
}

const SENTENCES: Record<ConnectionFailure, string> = {
  TimedOut: 'the API server did not answer in time',
  Refused: 'the API server could not be reached',
  Closed: 'the API server closed the connection',
  Stalled: 'the connection to the API server fell silent',
  Untrusted: "the API server's certificate or ours was not accepted",
  Malformed: 'the API server answered with something that is not JSON',
  Aborted: 'the call was abandoned',
};

/** No credentials could be had for the API server: a token file is missing, a plugin failed. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Somebody else changed the object first (or, on create, made it first). */
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}

/** The resourceVersion or continue token is too old: list again. */
export function isExpired(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 410 || error.reason === 'Expired');
}

/** We remember a version the server has not reached: it was restored from a backup, or lags behind its peers. List again. */
export function isVersionTooLarge(error: unknown): boolean {
  return error instanceof ApiError && error.causes.includes('ResourceVersionTooLarge');
}

/** The server refuses the content of the object: the same object will be refused again. */
export function isInvalid(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 422 || error.status === 400);
}

export function isAborted(error: unknown): boolean {
  return error instanceof ConnectionError && error.failure === 'Aborted';
}
