import { describe, expect, it } from 'vitest';
import { readPolicy } from '../../../../controller/cli/policy-file.ts';
import { aMailbox } from '../../../builders/resource.ts';
import { PlayedOperator } from './played-operator.ts';

const policy = await readPolicy();

describe('a status that the API server refuses', () => {
  it('is tried again later and later, and comes when the API server takes it', async () => {
    const operator = new PlayedOperator(policy);
    const { cluster, clock, log } = operator;
    cluster.declare('mailboxes', aMailbox());
    cluster.isFailing = true;
    await operator.start();
    await clock.advance(300_000);
    const refusals = log.lines.filter(({ message }) => message.startsWith('Failed to write a status'));
    expect(refusals.length).toBeGreaterThan(5);
    expect(refusals.length).toBeLessThan(12);
    cluster.isFailing = false;
    await clock.advance(300_000);
    expect(cluster.collection('mailboxes').get('mail/anna')?.status).toBeDefined();
    await operator.stop();
  });
});
