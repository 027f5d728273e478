import { describe, expect, it } from 'vitest';
import { emailServiceProviderKind } from '../../../../controller/api/email-service-provider.ts';
import { espStatus, type EspFacts } from '../../../../controller/domain/status/esp-status.ts';
import { aLaneState, aUsage, routeCounters } from '../../../builders/facts.ts';
import { aPlanEsp } from '../../../builders/plan.ts';
import { anEsp } from '../../../builders/resource.ts';

const nowMs = Date.UTC(2026, 10, 24, 9);

function status(facts: Partial<EspFacts> = {}) {
  return espStatus({ esp: anEsp(), places: [], ...facts }, { problems: [], nowMs });
}

const place = { pool: 'outreach', route: aPlanEsp() };

describe('the status of an e-mail service provider', () => {
  it('in no pool has no state', () => {
    const found = status();
    expect(found).not.toHaveProperty('state');
    expect(found).not.toHaveProperty('overflow');
    expect(found.conditions?.[0]).toMatchObject({ type: 'Ready', status: 'True' });
  });

  it('adds up its pools and shows the latest reply', () => {
    const found = status({
      usage: aUsage({ used: 12 }),
      places: [
        {
          ...place,
          lane: aLaneState(),
          counters: routeCounters({
            sent: 1,
            deferred: 2,
            failed: 3,
            overflow: 1,
            lastReply: { text: 'old', timeMs: 1 },
          }),
        },
        {
          ...place,
          lane: aLaneState(),
          counters: routeCounters({
            sent: 10,
            deferred: 20,
            failed: 30,
            overflow: 10,
            lastReply: { text: 'new', timeMs: nowMs },
          }),
        },
        { ...place, counters: routeCounters() },
        place,
      ],
    });
    expect(emailServiceProviderKind.status.parse(found)).toEqual(found);
    expect(found).toMatchObject({
      state: 'Ready',
      used: 12,
      delivered: 11,
      deferred: 22,
      failed: 33,
      overflow: 11,
      lastReply: 'new',
      lastReplyTime: '2026-11-24T09:00:00Z',
    });
  });

  it('has no last reply where no refusal was', () => {
    expect(status({ places: [{ ...place, counters: routeCounters({ sent: 1 }) }] })).not.toHaveProperty(
      'lastReply',
    );
  });

  it('is not well when it is not well in one pool', () => {
    const lane = aLaneState({ reason: 'TlsFailed', message: 'no TLS' });
    const found = status({
      places: [
        { ...place, lane: aLaneState() },
        { ...place, lane },
      ],
    });
    expect(found.state).toBe('TlsFailed');
    expect(found.conditions?.slice(0, 2)).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'TlsFailed' },
      { type: 'Stalled', status: 'True' },
    ]);
  });

  it('waits for no login where none of its pools wants senders, and else says what the others do', () => {
    const unserved = { ...place, isUnserved: true };
    expect(status({ places: [unserved] })).toMatchObject({
      state: 'Suspended',
      conditions: [{ type: 'Ready', status: 'True', reason: 'Suspended' }, {}, {}],
    });
    expect(status({ places: [unserved, { ...place, lane: aLaneState() }] }).state).toBe('Ready');
  });
});
