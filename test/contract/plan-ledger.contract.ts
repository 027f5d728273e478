import { describe, expect, it } from 'vitest';
import { PLAN_SCHEMA_VERSION } from '../../controller/api/plan.ts';
import { aPlan, aPlanCampaign } from '../builders/plan.ts';
import { useLedger, type LedgerSetup } from './ledger-setup.ts';
import { POOL } from './pool-fixture.ts';

/** What every PlanLedger must do. */
export function describePlanLedger(name: string, setup: LedgerSetup): void {
  describe(`plan ledger: ${name}`, () => {
    const handle = useLedger(setup);

    it('has no plan before one is published', async () => {
      expect(await handle.ledger.plans.revision(POOL)).toBeUndefined();
      expect(await handle.ledger.plans.read(POOL)).toBeUndefined();
    });

    it('gives the plan back as it was published', async () => {
      const plan = aPlan({ campaigns: [aPlanCampaign({ replyTo: 'zoë@bücher.example', startMs: 5 })] });
      await handle.ledger.plans.publish(plan);
      expect(await handle.ledger.plans.revision(POOL)).toBe(plan.revision);
      expect(await handle.ledger.plans.read(POOL)).toEqual(plan);
    });

    it('replaces the plan by the next', async () => {
      await handle.ledger.plans.publish(aPlan());
      const next = aPlan({ postalAddress: '1 New Street' });
      await handle.ledger.plans.publish(next);
      expect(await handle.ledger.plans.revision(POOL)).toBe(next.revision);
      expect(await handle.ledger.plans.read(POOL)).toEqual(next);
    });

    it('takes the same revision again without a change', async () => {
      const plan = aPlan();
      await handle.ledger.plans.publish(plan);
      await handle.ledger.plans.publish(plan);
      expect(await handle.ledger.plans.read(POOL)).toEqual(plan);
    });

    it('withdraws a plan, and takes a new one afterwards', async () => {
      await handle.ledger.plans.publish(aPlan());
      await handle.ledger.plans.withdraw(POOL);
      await handle.ledger.plans.withdraw(POOL);
      expect(await handle.ledger.plans.revision(POOL)).toBeUndefined();
      expect(await handle.ledger.plans.read(POOL)).toBeUndefined();
      await handle.ledger.plans.publish(aPlan());
      expect(await handle.ledger.plans.read(POOL)).toEqual(aPlan());
    });

    it('tells a keeper which plans it published and did not withdraw', async () => {
      const mine = async () => (await handle.ledger.plans.kept('me')).map(({ pool }) => pool).sort();
      expect(await mine()).toEqual([]);
      await handle.ledger.plans.publish(aPlan({ pool: 'one' }), 'me');
      await handle.ledger.plans.publish(aPlan({ pool: 'one' }), 'me');
      await handle.ledger.plans.publish(aPlan({ pool: 'two' }), 'me');
      await handle.ledger.plans.publish(aPlan({ pool: 'three' }), 'somebody');
      await handle.ledger.plans.publish(aPlan({ pool: 'four' }));
      expect(await mine()).toEqual(['one', 'two']);
      expect(await handle.ledger.plans.kept('me')).toContainEqual({ ...POOL, pool: 'one' });
      await handle.ledger.plans.withdraw({ ...POOL, pool: 'one' }, 'me');
      await handle.ledger.plans.withdraw({ ...POOL, pool: 'two' });
      expect(await mine()).toEqual(['two']);
    });

    it('refuses to read a plan of a newer schema and says what to do', async () => {
      const newer = aPlan({ schema: PLAN_SCHEMA_VERSION + 1 });
      await handle.ledger.plans.publish(newer);
      expect(await handle.ledger.plans.revision(POOL)).toBe(newer.revision);
      await expect(handle.ledger.plans.read(POOL)).rejects.toThrow(/schema/);
    });

    it('keeps the pools apart', async () => {
      await handle.ledger.plans.publish(aPlan());
      expect(await handle.ledger.plans.read({ ...POOL, pool: 'other' })).toBeUndefined();
      expect(await handle.ledger.plans.read({ ...POOL, namespace: 'other' })).toBeUndefined();
    });
  });
}
