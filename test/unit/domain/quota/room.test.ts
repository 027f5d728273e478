import { describe, expect, it } from 'vitest';
import { routeAllowance } from '../../../../controller/domain/quota/room.ts';
import { aPlanEsp, aPlanMailbox } from '../../../builders/plan.ts';

describe('what the plan lets a route send', () => {
  it('is its limits, and for a mailbox its ramp', () => {
    const warmup = { startRecipientsPerDay: 20, growthPercentPerDay: 30 };
    const mailbox = aPlanMailbox({ warmup });
    expect(routeAllowance(mailbox)).toEqual({ limits: mailbox.limits, warmup });
    expect(routeAllowance(aPlanMailbox())).toEqual({ limits: aPlanMailbox().limits });
    expect(routeAllowance(aPlanEsp())).toEqual({ limits: aPlanEsp().limits });
  });
});
