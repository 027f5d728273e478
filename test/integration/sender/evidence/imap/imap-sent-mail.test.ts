import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanMailbox } from '../../../../../controller/api/plan.ts';
import {
  DEFAULT_IMAP_TIMEOUTS,
  ImapSentMail,
} from '../../../../../controller/sender/evidence/imap/imap-sent-mail.ts';
import { freePorts } from '../../../../cluster/process/free-port.ts';
import { aPlanMailbox } from '../../../../builders/plan.ts';
import { startDovecot, type DovecotServer } from '../../../../dovecot/dovecot-server.ts';

const PASSWORD = 'abcdefghijklmnop';

let dovecot: DovecotServer;
let dovecotWithoutUses: DovecotServer;

beforeAll(async () => {
  [dovecot, dovecotWithoutUses] = await Promise.all([
    startDovecot({ password: PASSWORD }),
    startDovecot({ password: PASSWORD, sent: { folder: 'Sent Items', isSpecialUse: false } }),
  ]);
});

afterAll(() => Promise.all([dovecot.stop(), dovecotWithoutUses.stop()]));

let users = 0;

/** An account of its own for each test. */
function newUser(): string {
  users += 1;
  return `user${users}@example.com`;
}

function mailboxAt(port: number, address: string): PlanMailbox {
  return aPlanMailbox({
    name: 'anna',
    address,
    endpoint: { host: 'localhost', port: 465, tls: 'Implicit', ca: { name: 'ca', key: 'ca.crt' } },
    imap: { host: 'localhost', port },
  });
}

interface Search {
  readonly server?: Pick<DovecotServer, 'port' | 'identity'>;
  readonly user: string;
  readonly ids: readonly string[];
  /** Keys of the Secret with the login. */
  readonly login?: Record<string, string>;
  readonly signal?: AbortSignal;
}

function search({ server = dovecot, user, ids, login, signal }: Search) {
  const secrets: Record<string, Record<string, string>> = {
    ca: { 'ca.crt': server.identity.certificate },
    'anna-login': login ?? { appPassword: 'abcd efgh ijkl mnop' },
  };
  const sentMail = new ImapSentMail({
    namespace: 'mail',
    credentials: { read: async (_namespace, name) => secrets[name] },
    timeouts: { ...DEFAULT_IMAP_TIMEOUTS, connectMs: 5_000 },
  });
  return sentMail.search(mailboxAt(server.port, user), ids, signal ?? new AbortController().signal);
}

function message(id: string, headers = ''): string {
  return `From: anna@example.com\r\nTo: ada@example.net\r\nMessage-ID: <${id}>\r\n${headers}Subject: Hi\r\n\r\nHello.\r\n`;
}

/** A user whose folder holds messages with these ids. */
async function userWith(ids: readonly string[], folder = 'Sent', server = dovecot): Promise<string> {
  const user = newUser();
  await server.append(user, folder, ...ids.map((id) => message(id)));
  return user;
}

const sentIds = ['a1@mail.example', 'b2@mail.example', 'c3@mail.example'];

describe('the sent mail of a mailbox by IMAP', () => {
  it('tells which messages are in Sent and which certainly are not', async () => {
    const user = await userWith(sentIds);
    expect(await search({ user, ids: ['b2@mail.example', 'z9@mail.example', 'c3@mail.example'] })).toEqual({
      kind: 'Searched',
      found: new Set(['b2@mail.example', 'c3@mail.example']),
      isComplete: true,
    });
  });

  it('uses one connection for all messages', async () => {
    const user = await userWith(sentIds);
    const before = dovecot.logins(user);
    await search({ user, ids: [...sentIds, 'z9@mail.example'] });
    expect(dovecot.logins(user)).toBe(before + 1);
  });

  it('finds a message that was given another id, by the one that it had', async () => {
    const user = newUser();
    await dovecot.append(
      user,
      'Sent',
      message('x1@google.example', 'X-Google-Original-Message-ID: <a1@mail.example>\r\n'),
      message('x2@outlook.example', 'X-Microsoft-Original-Message-ID: <b2@mail.example>\r\n'),
    );
    const ids = ['a1@mail.example', 'b2@mail.example'];
    expect(await search({ user, ids })).toMatchObject({ found: new Set(ids) });
  });

  it('finds a message that was moved to the bin', async () => {
    const user = await userWith(['a1@mail.example'], 'Trash');
    const answer = await search({ user, ids: ['a1@mail.example'] });
    expect(answer).toMatchObject({ found: new Set(['a1@mail.example']) });
  });

  it('does not take a message that only mentions the id for the message', async () => {
    const user = newUser();
    await dovecot.append(user, 'Sent', `In-Reply-To: <a1@mail.example>\r\n${message('z9@other.example')}`);
    expect(await search({ user, ids: ['a1@mail.example'] })).toMatchObject({ found: new Set() });
  });

  it.each([
    ['nothing was ever filed', []],
    ['nothing of ours was ever filed', ['x1@elsewhere.example']],
  ])('proves nothing by absence when %s', async (_case, filed) => {
    const user = await userWith(filed);
    const answer = { kind: 'Searched', found: new Set(), isComplete: false };
    expect(await search({ user, ids: ['a1@mail.example'] })).toEqual(answer);
  });

  it('finds the folder by its name where the server names none, but proves nothing by absence', async () => {
    const server = dovecotWithoutUses;
    const user = await userWith(sentIds, 'Sent Items', server);
    expect(await search({ server, user, ids: ['a1@mail.example', 'z9@mail.example'] })).toEqual({
      kind: 'Searched',
      found: new Set(['a1@mail.example']),
      isComplete: false,
    });
  });

  it('says that the login was refused', async () => {
    const answer = await search({
      user: newUser(),
      ids: ['a1@mail.example'],
      login: { appPassword: 'wrong' },
    });
    const words = expect.stringContaining('IMAP of mailbox/anna: ') as string;
    expect(answer).toEqual({ kind: 'Refused', message: words });
  });

  it('says which key of the Secret is missing', async () => {
    expect(await search({ user: newUser(), ids: ['a1@mail.example'], login: {} })).toEqual({
      kind: 'Refused',
      message: 'Secret mail/anna-login has no key "appPassword": add it',
    });
  });

  it('gives its password to no server that it does not trust', async () => {
    const user = newUser();
    const server = { port: dovecot.port, identity: dovecotWithoutUses.identity };
    const answer = await search({ server, user, ids: ['a1@mail.example'] });
    expect(answer).toMatchObject({ kind: 'Unreachable' });
    expect(dovecot.logins(user)).toBe(0);
  });

  it('says that nobody answers', async () => {
    const [port = 0] = await freePorts('127.0.0.1', 1);
    const server = { port, identity: dovecot.identity };
    const answer = await search({ server, user: newUser(), ids: ['a1@mail.example'] });
    expect(answer).toMatchObject({ kind: 'Unreachable' });
  });

  it('ends when it is told to', async () => {
    const user = newUser();
    const answer = await search({ user, ids: ['a1@mail.example'], signal: AbortSignal.abort() });
    expect(answer).toMatchObject({ kind: 'Unreachable' });
    expect(dovecot.logins(user)).toBe(0);
  });
});
