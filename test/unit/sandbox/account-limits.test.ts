import { describe, expect, it } from 'vitest';
import { AccountUsage, changeLimits, googleLimits } from '../../../controller/sandbox/account-limits.ts';

const limits = changeLimits(googleLimits, {
  recipients: { max: 3, windowSeconds: 10 },
  messages: { max: 2, windowSeconds: 1 },
  logins: { max: 1, windowSeconds: 60 },
});

describe('changeLimits', () => {
  it('leaves what a change does not mention', () => {
    const changed = changeLimits(googleLimits, { recipients: { max: 5 }, messageBytes: 10 });
    expect(changed).toEqual({
      ...googleLimits,
      recipients: { ...googleLimits.recipients, max: 5 },
      messageBytes: 10,
    });
  });

  it('does not take a field for changed that is there without a value', () => {
    expect(changeLimits(googleLimits, { recipients: { max: undefined }, logins: undefined })).toEqual(
      googleLimits,
    );
  });
});

describe('AccountUsage', () => {
  it('has room for recipients up to the limit and again when the window has passed', () => {
    const usage = new AccountUsage(limits);
    usage.takeRecipients(2, 0);
    expect(usage.hasRoomFor(1, 1)).toBe(true);
    expect(usage.hasRoomFor(2, 1)).toBe(false);
    expect(usage.hasRoomFor(3, 10_000)).toBe(true);
  });

  it('gives back the recipients of a message that was not accepted', () => {
    const usage = new AccountUsage(limits);
    const refund = usage.takeRecipients(3, 0);
    refund();
    expect(usage.hasRoomFor(3, 0)).toBe(true);
  });

  it('admits messages and logins up to their limits, not counting those it refused', () => {
    const usage = new AccountUsage(limits);
    expect([0, 500, 700, 900, 1_000].map((nowMs) => usage.admitMessage(nowMs))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
    expect([0, 59_999, 60_000].map((nowMs) => usage.admitLogin(nowMs))).toEqual([true, false, true]);
  });

  it('keeps what was used when a limit changes, and forgets it on reset', () => {
    const usage = new AccountUsage(limits);
    usage.takeRecipients(3, 0);
    usage.change({ recipients: { max: 4 } });
    expect(usage.hasRoomFor(1, 0)).toBe(true);
    expect(usage.hasRoomFor(2, 0)).toBe(false);
    usage.reset();
    expect(usage.hasRoomFor(4, 0)).toBe(true);
  });
});
