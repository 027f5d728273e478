import { expect, it } from 'vitest';
import { ledgerPorts } from '../../../../controller/cli/operator/ledger-ports.ts';

it.each([
  ['redis://127.0.0.1', [6379]],
  ['redis://:p%40ss@redis.mail.svc:6380/1', [6380]],
  ['rediss://user:word@one:7000', [7000]],
  ['redis+sentinel://one:26379,two:26380/primary', [6379, 26379, 26380]],
  ['redis+sentinel://one,two/primary', [6379, 26379]],
])('%s is reached at the ports %j', (url, ports) => {
  expect(ledgerPorts(url)).toEqual(ports);
});
