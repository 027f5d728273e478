import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  campaignManifest,
  mailboxManifest,
  poolManifest,
  suppressionListManifest,
  templateManifest,
} from '../../builders/manifest.ts';
import { reasonToSkip } from '../machine-facts.ts';
import { conditionOf, has, startOperatorWorld, type OperatorWorld } from './operator-world.ts';

const reason = await reasonToSkip('control-plane');

const secret = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData: { appPassword: 'abcdefghijklmnop' },
});

describe.skipIf(reason !== undefined)(
  `a SendingPool${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 60_000 },
  () => {
    let world: OperatorWorld;

    beforeAll(async () => {
      world = await startOperatorWorld();
      await world.startOperator('operator-1');
    }, 3_600_000);

    afterAll(() => world.stop(), 60_000);

    it('becomes a plan in the ledger, a Deployment and what surrounds it', async () => {
      const namespace = 'made';
      await world.apply(namespace, [
        secret('anna'),
        mailboxManifest(),
        poolManifest({ suppressionLists: ['blocked'] }),
        suppressionListManifest(),
        templateManifest(),
        campaignManifest(),
      ]);
      const pool = await world.until(
        { namespace, kind: 'SendingPool', name: 'pool' },
        has('MailboxesResolved', 'True'),
      );
      expect(conditionOf(pool, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'SendersStarting' });
      const plan = await world.ledger.plans.read({ namespace, pool: 'pool' });
      expect(plan?.mailboxes.map(({ route }) => route)).toEqual(['mailbox/anna']);
      const deployment = await world.until(
        { namespace, kind: 'apps/v1/deployments', name: 'pool-sender' },
        () => true,
      );
      expect(deployment.spec['replicas']).toBe(1);
      await world.until({ namespace, kind: 'Campaign', name: 'launch' }, has('AudienceImported', 'True'));
      await world.until({ namespace, kind: 'SuppressionList', name: 'blocked' }, has('Ready', 'True'));
      await world.until({ namespace, kind: 'Template', name: 'hello' }, has('Ready', 'True'));
      await world.until(
        { namespace, kind: 'Mailbox', name: 'anna' },
        has('Ready', 'Unknown', 'SendersStarting'),
      );
    });
  },
);
