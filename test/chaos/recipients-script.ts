import type { SandboxConfigInput } from '../../controller/api/sandbox-config.ts';
import { addressOf } from '../fleet/fleet-manifests.ts';

/** How recipients behave: connections cut at every phase, unknown recipients, slow and late replies, one that is longer than a lease. */
export function recipientsScript(
  mailboxes: readonly string[],
): NonNullable<SandboxConfigInput['recipients']> {
  const inMail = mailboxes.slice(0, 5).map((name) => ({
    match: { sender: addressOf(name) },
    behaviour: 'DisconnectInMail' as const,
    times: 2,
  }));
  return [
    ...inMail,
    { match: { percent: 0.4 }, behaviour: 'DisconnectInRcpt', times: 1 },
    { match: { percent: 0.4 }, behaviour: 'DisconnectInData' },
    { match: { percent: 4 }, service: 'Relay', behaviour: 'DisconnectAfterDot', accepted: true, times: 1 },
    { match: { percent: 0.3 }, behaviour: 'DisconnectAfterDot', accepted: true, times: 1 },
    { match: { percent: 0.3 }, behaviour: 'DisconnectAfterDot', accepted: false, times: 1 },
    { match: { percent: 1 }, behaviour: 'Unknown' },
    { match: { percent: 3 }, behaviour: 'Slow', delayMs: 400, at: 'Dot' },
    { match: { percent: 1 }, behaviour: 'Slow', delayMs: 400, at: 'Rcpt' },
    { match: { percent: 0.2 }, behaviour: 'Slow', delayMs: 11_000, at: 'Dot' },
    {
      match: { percent: 0.2 },
      behaviour: 'Reply',
      at: 'Rcpt',
      reply: '450 4.2.1 The user is receiving mail too quickly.',
    },
  ];
}
