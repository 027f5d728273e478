import type { ImapFlow, ListResponse } from 'imapflow';

/** Where sent mail is: the Sent folder first, then where people and rules move it. A message in any of them was sent. */
const USES = ['\\Sent', '\\All', '\\Trash'];

/**
 * Headers that carry the id which a message had when it was handed over. Google and Microsoft keep it in one of their own when they give the
 * message another.
 */
const ID_HEADERS = ['Message-ID', 'X-Google-Original-Message-ID', 'X-Microsoft-Original-Message-ID'];

/** How many of the newest messages of the Sent folder may serve as the one that is known to be there. */
const NEWEST_MESSAGES = 50;
/** How many hits of a search are read to see whether they are the message. */
const HITS_READ = 5;

export interface SentFolders {
  readonly folders: readonly string[];
  /** Path of the folder that the server itself names as the one for sent mail; undefined when none or only its name says so. */
  readonly sent: string | undefined;
}

/** Folders to search. A server without SPECIAL-USE (RFC 6154) is searched in what is called like a Sent folder. */
export function sentFolders(list: readonly ListResponse[]): SentFolders {
  const folders = USES.flatMap((use) => list.filter((folder) => folder.specialUse === use));
  const sent = folders.find(
    (folder) => folder.specialUse === '\\Sent' && folder.specialUseSource === 'extension',
  );
  return { folders: folders.map(({ path }) => path), sent: sent?.path };
}

/** Which of the ids are in the open folder. `isAnswered`: no search was refused. */
export async function findMessages(
  client: ImapFlow,
  messageIds: readonly string[],
): Promise<{ readonly found: readonly string[]; readonly isAnswered: boolean }> {
  const found: string[] = [];
  let isAnswered = true;
  for (const messageId of messageIds) {
    const answer = await hasMessage(client, messageId);
    if (answer === undefined) isAnswered = false;
    else if (answer) found.push(messageId);
  }
  return { found, isAnswered };
}

/**
 * Whether a search in the open Sent folder can be believed: it finds a message that is there. That message must have an id of the same
 * domain as the one sought, so it was sent by us: then the service files what we send, and keeps its id.
 */
export async function isSearchProven(client: ImapFlow, messageIds: readonly string[]): Promise<boolean> {
  const known = (await newestIds(client)).find((id) => messageIds.some((sought) => isAkin(id, sought)));
  return known !== undefined && (await hasMessage(client, known)) === true;
}

async function newestIds(client: ImapFlow): Promise<string[]> {
  const count = client.mailbox === false ? 0 : client.mailbox.exists;
  if (count === 0) return [];
  const range = `${Math.max(1, count - NEWEST_MESSAGES + 1)}:*`;
  const messages = await client.fetchAll(range, { envelope: true });
  return messages.map(({ envelope }) => bare(envelope?.messageId ?? '')).reverse();
}

/** Undefined = the server refused the search. What it finds is read: some servers find too much. */
async function hasMessage(client: ImapFlow, messageId: string): Promise<boolean | undefined> {
  const query = { or: ID_HEADERS.map((header) => ({ header: { [header]: messageId } })) };
  const hits = await client.search(query, { uid: true });
  if (!hits) return undefined;
  if (hits.length === 0) return false;
  const read = await client.fetchAll(hits.slice(-HITS_READ), { headers: ID_HEADERS }, { uid: true });
  return read.some(({ headers }) => headers?.toString('latin1').includes(messageId));
}

function isAkin(messageId: string, other: string): boolean {
  return messageId !== other && domainOf(messageId) !== '' && domainOf(messageId) === domainOf(other);
}

function domainOf(messageId: string): string {
  const at = messageId.lastIndexOf('@');
  return at < 0 ? '' : messageId.slice(at + 1).toLowerCase();
}

function bare(messageId: string): string {
  return messageId.trim().replace(/^<|>$/g, '');
}
