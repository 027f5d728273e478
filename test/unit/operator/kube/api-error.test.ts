import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../../controller/operator/kube/answer.ts';
import {
  ApiError,
  isConflict,
  isExpired,
  isInvalid,
  isNotFound,
  isVersionTooLarge,
} from '../../../../controller/operator/kube/api-error.ts';
import { connectionError } from '../../../../controller/operator/kube/connection-failure.ts';

const OPERATION = 'apply widgets sales/anna';
const answer = (status: number, body: string, headers = {}) =>
  refusalOf(OPERATION, { status, headers, body: Buffer.from(body) });

describe('the message of an API error', () => {
  it('is the same on every retry: the words of the server stay in the detail', () => {
    const messages = ['0xc000123', '0xc000456'].map((pointer) => {
      const error = answer(422, JSON.stringify({ reason: 'Invalid', message: `bad value ${pointer}` }));
      expect(error.detail).toContain(pointer);
      return error.message;
    });
    expect(messages).toEqual([`${OPERATION}: Invalid (422)`, `${OPERATION}: Invalid (422)`]);
  });

  it('names the fields that were refused, in a fixed order, each once, at most five', () => {
    const causes = ['spec.z', 'spec.a', 'spec.a', 'spec.b', 'spec.c', 'spec.d', 'spec.e'].map((field) => ({
      field,
    }));
    const error = answer(422, JSON.stringify({ reason: 'Invalid', details: { causes } }));
    expect(error.message).toBe(`${OPERATION}: Invalid (422) at spec.a, spec.b, spec.c, spec.d, spec.e`);
  });

  it('has a reason even when a proxy answered in plain text', () => {
    const error = answer(503, '<html>try later</html>', { 'retry-after': '7' });
    expect(error.message).toBe(`${OPERATION}: ServiceUnavailable (503)`);
    expect(error.retryAfterSeconds).toBe(7);
    expect(error.detail).toBe('<html>try later</html>');
  });

  it('prefers the wait that the Status asks for', () => {
    const body = JSON.stringify({ details: { retryAfterSeconds: 3 } });
    expect(answer(429, body, { 'retry-after': '7' }).retryAfterSeconds).toBe(3);
  });

  it.each(['null', '"text"', '', '[]'])('does not stumble over %s as a body', (body) => {
    expect(answer(500, body).reason).toBe('InternalError');
  });
});

describe('the kinds of API errors', () => {
  const error = (status: number, reason = '') => new ApiError(OPERATION, status, { reason });
  it.each([
    ['not found', isNotFound, error(404), error(403)],
    ['conflict', isConflict, error(409), error(404)],
    ['expired', isExpired, error(410), error(400)],
    ['expired by reason', isExpired, error(500, 'Expired'), new Error('Expired')],
    ['invalid', isInvalid, error(422), error(409)],
  ])('%s is told from others', (_, isKind, yes, no) => {
    expect([isKind(yes), isKind(no)]).toEqual([true, false]);
  });

  it('a version from the future is told by its cause', () => {
    const body = { reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } };
    expect(isVersionTooLarge(new ApiError(OPERATION, 504, body))).toBe(true);
    expect(isVersionTooLarge(error(504))).toBe(false);
  });
});

describe('a connection that failed', () => {
  it.each([
    ['ECONNREFUSED', 'Refused'],
    ['ENOTFOUND', 'Refused'],
    ['ECONNRESET', 'Closed'],
    ['UND_ERR_SOCKET', 'Closed'],
    ['UND_ERR_CONNECT_TIMEOUT', 'TimedOut'],
    ['UND_ERR_BODY_TIMEOUT', 'Stalled'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'Untrusted'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'Untrusted'],
    ['CERT_HAS_EXPIRED', 'Untrusted'],
    ['UND_ERR_DESTROYED', 'Aborted'],
  ])('with %s is %s', (code, failure) => {
    const error = connectionError(OPERATION, Object.assign(new Error('at 10.0.0.1:51234'), { code }));
    expect(error.failure).toBe(failure);
    expect(error.message).not.toContain('51234');
  });
});
