import { afterEach, describe, expect, it } from 'vitest';
import { accounts, campaign, logins, mailbox, pool, relay, template } from './standalone-manifests.ts';
import { standaloneWorld, transactionsOf, type StandaloneWorld } from './standalone-world.ts';

const ROWS = 10_000;

let world: StandaloneWorld;

afterEach(() => world.end());

/** Rows as they come out of an office program: byte-order mark, CRLF, semicolons, quotes; odd addresses among them. */
function officeExport(): string {
  const rows = Array.from({ length: ROWS }, (_, index) => `r${index}@shop.example;"Reader; ${index}"`);
  rows[10] = 'info@bücher.example;Büchner';
  rows[11] = 'info@xn--bcher-kva.example;Twice';
  rows[12] = 'first.last+spring@gmail.com;Gmail';
  rows[13] = 'FirstLast@googlemail.com;Twice';
  rows[14] = '"""quoted local""@shop.example";Quoted';
  rows[15] = '"visitor+tag@shop.example";Tag';
  rows[16] = 'R17@SHOP.example;Twice';
  rows[18] = 'not an address;Nobody';
  rows[19] = 'Jörg@shop.example;Needs SMTPUTF8';
  return `\uFEFFE-Mail;name\r\n${rows.join('\r\n')}\r\n`;
}

describe('mailers run with a large audience from an office program', () => {
  it('mails everybody once, whatever the spelling, and counts what it cannot use', async () => {
    world = await standaloneWorld(accounts('anna'));
    await world.write(
      'routes.yaml',
      logins('anna'),
      mailbox(world.sandbox, 'anna', { quota: { recipientsPerDay: 300 } }),
    );
    await world.write('relay.yaml', relay(world.sandbox, { messagesPerSecond: 1000, maxConnections: 10 }));
    await world.write(
      'pool.yaml',
      pool(['anna'], { esps: [{ name: 'relay' }], routing: { overflow: 'ESP' } }),
      template,
    );
    await world.writeText('readers.csv', officeExport());
    await world.write(
      'campaign.yaml',
      campaign([], { audience: { file: { path: 'readers.csv' }, emailColumn: 'e-mail' } }),
    );
    const run = world.run();
    expect(await run.exited, run.output()).toBe(0);
    const sent = transactionsOf(world.sandbox).filter(({ accepted }) => accepted);
    expect(sent).toHaveLength(ROWS - 5);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(sent.length);
    const [reported] = (await world.report()).pools[0]?.campaigns ?? [];
    expect(reported?.rows).toEqual({ read: ROWS, accepted: ROWS - 5, invalid: 2, duplicate: 3 });
    expect(sent.flatMap(({ rcpts }) => rcpts)).toEqual(
      expect.arrayContaining([
        'info@xn--bcher-kva.example',
        'first.last+spring@gmail.com',
        '"quoted local"@shop.example',
      ]),
    );
  });
});
