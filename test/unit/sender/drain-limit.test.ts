import { expect, it } from 'vitest';
import { DRAIN_LIMIT_MS } from '../../../controller/domain/drain.ts';
import { DEFAULT_SMTP_TIMEOUTS } from '../../../controller/sender/routes/smtp/smtp-route.ts';

it('a drain lasts as long as the SMTP time-outs together', () => {
  const { connectMs, greetingMs, socketMs } = DEFAULT_SMTP_TIMEOUTS;
  expect(DRAIN_LIMIT_MS).toBe(connectMs + greetingMs + socketMs);
});
