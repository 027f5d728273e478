import { ConnectionError, type ConnectionFailure, type Operation } from './api-error.ts';

/** What undici, TLS and the socket call the ways in which a request can end without an answer. */
const FAILURES: Record<string, ConnectionFailure> = {
  UND_ERR_CONNECT_TIMEOUT: 'TimedOut',
  UND_ERR_HEADERS_TIMEOUT: 'TimedOut',
  UND_ERR_BODY_TIMEOUT: 'Stalled',
  UND_ERR_SOCKET: 'Closed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'Closed',
  UND_ERR_ABORTED: 'Aborted',
  UND_ERR_CLOSED: 'Aborted',
  UND_ERR_DESTROYED: 'Aborted',
  ECONNRESET: 'Closed',
  EPIPE: 'Closed',
  ETIMEDOUT: 'TimedOut',
};

const TLS_CODE = /^(ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/;

/** Turns whatever ended a request into a ConnectionError whose message does not vary. */
export function connectionError(operation: Operation, cause: unknown): ConnectionError {
  if (cause instanceof ConnectionError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const failure = FAILURES[code] ?? (TLS_CODE.test(code) ? 'Untrusted' : 'Refused');
  return new ConnectionError(operation, failure, cause);
}
