import { describe, expect, it } from 'vitest';
import type { ResourceSet } from '../../../../controller/api/resource.ts';
import { readPolicy } from '../../../../controller/cli/policy-file.ts';
import { compile } from '../../../../controller/domain/compile/compile.ts';
import { createLedgerModel } from '../../../../controller/domain/ledger-model/ledger-model.ts';
import type { Ledger } from '../../../../controller/domain/ports/ledger.ts';
import { compiledNamespace } from '../../../../controller/operator/compilation/compiled-namespace.ts';
import { Publisher } from '../../../../controller/operator/compilation/publisher.ts';
import { aList, aPool, aResourceSet } from '../../../builders/resource.ts';
import { keptLog } from '../kube/manual-clock.ts';

const policy = await readPolicy();
const pool = { namespace: 'mail', pool: 'outreach' };
const compiled = (change: Partial<ResourceSet> = {}) => {
  const resources = aResourceSet(change);
  return compiledNamespace('mail', resources, compile(resources, policy));
};
const withList = {
  suppressionLists: [aList()],
  sendingPools: [aPool('outreach', { spec: { suppressionLists: ['blocked'] } })],
};

/** A ledger that writes down what it is told. */
function setUp() {
  const model = createLedgerModel({ now: () => 1_800_000_000_000, sleep: async () => undefined });
  const calls: string[] = [];
  const noting = <T extends object>(name: string, part: T): T =>
    new Proxy(part, {
      get: (target, property, receiver): unknown => {
        const method: unknown = Reflect.get(target, property, receiver);
        if (typeof method !== 'function') return method;
        return (...args: unknown[]): unknown => {
          calls.push(`${name}.${String(property)}`);
          return Reflect.apply(method, target, args);
        };
      },
    });
  const ledger: Ledger = {
    ...model,
    suppression: noting('suppression', model.suppression),
    plans: noting('plans', model.plans),
    audience: noting('audience', model.audience),
  };
  return { ledger, model, calls, publisher: new Publisher(ledger, keptLog()) };
}

describe('publishing a namespace', () => {
  it('brings the lists into force before the plans that name them', async () => {
    const { publisher, calls } = setUp();
    await publisher.publish(compiled(withList));
    expect(calls).toEqual(['suppression.published', 'suppression.publish', 'plans.read', 'plans.publish']);
  });

  it('tells the ledger nothing when nothing changed', async () => {
    const { publisher, calls } = setUp();
    await publisher.publish(compiled(withList));
    calls.splice(0);
    await publisher.publish(compiled(withList));
    expect(calls).toEqual([]);
  });

  it('publishes everything again when the ledger has lost it', async () => {
    const { publisher, model } = setUp();
    await publisher.publish(compiled());
    await model.plans.withdraw(pool);
    publisher.forget('mail');
    await publisher.publish(compiled());
    expect(await model.plans.revision(pool)).toBeDefined();
  });

  it('cancels the messages of a campaign that is gone', async () => {
    const { publisher, calls } = setUp();
    await publisher.publish(compiled());
    await publisher.publish(compiled({ campaigns: [] }));
    expect(calls).toContain('audience.cancel');
  });

  it('cancels them also when another process had published the campaign', async () => {
    const first = setUp();
    await first.publisher.publish(compiled());
    const next = new Publisher(first.ledger, keptLog());
    await next.publish(compiled({ campaigns: [] }));
    expect(first.calls).toContain('audience.cancel');
  });

  it('withdraws the plan of a pool that is gone', async () => {
    const { publisher, model } = setUp();
    await publisher.publish(compiled());
    await publisher.publish(compiled({ sendingPools: [], campaigns: [] }));
    expect(await model.plans.revision(pool)).toBeUndefined();
  });

  it('withdraws, and cancels, what was deleted while no operator ran', async () => {
    const { publisher, ledger, model, calls } = setUp();
    await publisher.publish(compiled(withList));
    calls.splice(0);
    const next = new Publisher(ledger, keptLog());
    expect(await next.findLeftBehind()).toEqual(['mail']);
    await next.publish(compiled({ sendingPools: [], campaigns: [] }));
    expect(calls).toContain('audience.cancel');
    expect(await model.plans.revision(pool)).toBeUndefined();
    expect(await model.suppression.published('mail')).toEqual(new Map());
    expect(await next.findLeftBehind()).toEqual([]);
  });

  it('takes a plan that an earlier leader published for its own when the pool is still declared', async () => {
    const { publisher, ledger, model } = setUp();
    await publisher.publish(compiled());
    const next = new Publisher(ledger, keptLog());
    await next.findLeftBehind();
    await next.publish(compiled());
    expect(await model.plans.revision(pool)).toBeDefined();
    expect(await next.findLeftBehind()).toEqual([]);
  });

  it('leaves plans alone that somebody else published', async () => {
    const { publisher, model } = setUp();
    const [plan] = compiled().plans.values();
    if (plan === undefined) throw new Error('no plan was compiled');
    await model.plans.publish(plan);
    expect(await publisher.findLeftBehind()).toEqual([]);
  });

  it('forgets a list after the plan that named it', async () => {
    const { publisher, calls } = setUp();
    await publisher.publish(compiled(withList));
    calls.splice(0);
    await publisher.publish(compiled());
    expect(calls).toEqual(['plans.publish', 'suppression.forget']);
  });
});
