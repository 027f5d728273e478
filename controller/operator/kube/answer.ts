import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, ConnectionError, type ApiStatus, type Operation } from './api-error.ts';

/** An HTTP answer, complete. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The JSON of a successful answer. @throws ConnectionError `Malformed` */
// The caller says what the API server's JSON is; checking it against a schema is the reader's business.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- a cast in one place instead of in every caller
export function contentOf<T>(operation: Operation, answer: Answer): T {
  try {
    return JSON.parse(answer.body.toString('utf8'));
  } catch (error) {
    throw new ConnectionError(operation, 'Malformed', error);
  }
}

/** The error of an unsuccessful answer. Proxies and overloaded servers answer with plain text: it becomes the detail. */
export function refusalOf(operation: Operation, answer: Answer): ApiError {
  const status = statusOf(answer.body.toString('utf8'));
  const seconds = Number(answer.headers['retry-after'] ?? Number.NaN);
  if (status.details?.retryAfterSeconds === undefined && Number.isFinite(seconds)) {
    return new ApiError(operation, answer.status, {
      ...status,
      details: { ...status.details, retryAfterSeconds: seconds },
    });
  }
  return new ApiError(operation, answer.status, status);
}

function statusOf(text: string): ApiStatus {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // Not JSON, so not a Status: the text itself is all there is to report.
  }
  return { message: text };
}
