import type { Mailbox, SendingPool } from '../../api/resource.ts';
import { canonicalAddress } from '../address/canonical-address.ts';
import type { Policy } from '../policy/policy.ts';
import { mailboxProfile } from '../policy/provider-profile.ts';
import { isConsumerGmail } from './consumer-account.ts';
import { matchesSelector } from './label-selector.ts';
import { blocking, partial, warning, type Finding } from './problem.ts';
import type { ResourceIndex } from './resource-index.ts';

/** A mailbox in a pool, and why it may not send there. */
export interface PoolMember {
  readonly mailbox: Mailbox;
  /** About the membership, so the pool's findings. */
  readonly findings: readonly Finding[];
}

/** The mailboxes of a pool. */
export interface PoolMembership {
  /** Sorted by name. */
  readonly members: readonly PoolMember[];
  readonly findings: readonly Finding[];
}

/** Which pool a mailbox went to, which mailbox has an account: the first by name, whatever the order of the files. */
export interface Ownership {
  /** Pool's name by mailbox. */
  readonly pools: ReadonlyMap<Mailbox, string>;
  /** The mailboxes that a pool selects or names, sorted by name. */
  readonly selected: ReadonlyMap<SendingPool, readonly Mailbox[]>;
  /** The mailbox that has an account already, of mailboxes that are not the first of theirs. */
  readonly firstOfAccount: ReadonlyMap<Mailbox, Mailbox>;
}

const FIELD = 'spec.mailboxes';
/** Gmail Program Policies: https://www.google.com/gmail/about/policy/ */
const GMAIL_POLICY = 'Gmail Program Policies, https://www.google.com/gmail/about/policy/';

/** Mailboxes by namespace, and by each label they carry: with thousands of both, no pool may look at every mailbox. */
interface MailboxShelf {
  readonly all: readonly Mailbox[];
  readonly byLabel: ReadonlyMap<string, readonly Mailbox[]>;
}

function mailboxShelves(index: ResourceIndex): ReadonlyMap<string, MailboxShelf> {
  const shelves = new Map<string, { all: Mailbox[]; byLabel: Map<string, Mailbox[]> }>();
  for (const mailbox of index.mailboxes.all) {
    const { namespace, labels = {} } = mailbox.metadata;
    let shelf = shelves.get(namespace);
    if (shelf === undefined) shelves.set(namespace, (shelf = { all: [], byLabel: new Map() }));
    shelf.all.push(mailbox);
    for (const [key, value] of Object.entries(labels)) {
      const label = `${key}=${value}`;
      const carriers = shelf.byLabel.get(label);
      if (carriers === undefined) shelf.byLabel.set(label, [mailbox]);
      else carriers.push(mailbox);
    }
  }
  return shelves;
}

function candidates(shelf: MailboxShelf, pool: SendingPool): readonly Mailbox[] {
  const { selector } = pool.spec.mailboxes ?? {};
  if (selector === undefined) return [];
  const [label] = Object.entries(selector.matchLabels ?? {});
  return label === undefined ? shelf.all : (shelf.byLabel.get(`${label[0]}=${label[1]}`) ?? []);
}

/** Sorted by name. */
function selectedMailboxes(index: ResourceIndex, shelf: MailboxShelf, pool: SendingPool): Mailbox[] {
  const { selector = {}, names = [] } = pool.spec.mailboxes ?? {};
  const selected = candidates(shelf, pool).filter(({ metadata }) =>
    matchesSelector(selector, metadata.labels),
  );
  if (names.length === 0) return selected;
  const named = names.flatMap((name) => index.mailboxes.get(pool.metadata.namespace, name) ?? []);
  return [...new Set([...selected, ...named])].sort(byName);
}

/** Names are unique within a namespace: no two are equal. */
function byName(a: Mailbox, b: Mailbox): number {
  return Number(a.metadata.name > b.metadata.name) - Number(a.metadata.name < b.metadata.name);
}

/** Settles once, for all pools, who owns what. */
export function ownership(index: ResourceIndex): Ownership {
  const shelves = mailboxShelves(index);
  const pools = new Map<Mailbox, string>();
  const selected = new Map<SendingPool, readonly Mailbox[]>();
  for (const pool of index.sendingPools.all) {
    const shelf = shelves.get(pool.metadata.namespace);
    const mailboxes = shelf === undefined ? [] : selectedMailboxes(index, shelf, pool);
    selected.set(pool, mailboxes);
    for (const mailbox of mailboxes) {
      if (!pools.has(mailbox)) pools.set(mailbox, pool.metadata.name);
    }
  }
  const accounts = new Map<string, Mailbox>();
  const firstOfAccount = new Map<Mailbox, Mailbox>();
  for (const mailbox of index.mailboxes.all) {
    const account = canonicalAddress(mailbox.spec.address);
    const first = accounts.get(account);
    if (first === undefined) accounts.set(account, mailbox);
    else firstOfAccount.set(mailbox, first);
  }
  return { pools, selected, firstOfAccount };
}

function sharing(pool: SendingPool, mailbox: Mailbox, owners: Ownership): Finding[] {
  const name = mailbox.metadata.name;
  const first = owners.pools.get(mailbox);
  if (first !== undefined && first !== pool.metadata.name) {
    const message = `Mailbox ${name} belongs to SendingPool ${first} already: a mailbox has one pool; take it out of one of them`;
    return [blocking(FIELD, 'MailboxShared', message)];
  }
  const owner = owners.firstOfAccount.get(mailbox);
  if (owner === undefined) return [];
  const message = `Mailbox ${name} is the same account as Mailbox ${owner.metadata.namespace}/${owner.metadata.name}: an account has one Mailbox; delete one of them`;
  return [blocking(FIELD, 'MailboxShared', message)];
}

function consumerRules(pool: SendingPool, mailbox: Mailbox, isAboveLimit: boolean): Finding[] {
  const { name } = mailbox.metadata;
  const findings: Finding[] = [];
  if (pool.spec.purpose === 'Marketing') {
    const message = `Mailbox ${name} is a consumer Gmail account, and Google does not let those send commercial bulk mail (${GMAIL_POLICY}): use a Workspace mailbox or an EmailServiceProvider`;
    findings.push(blocking(FIELD, 'ConsumerAccountForMarketing', message));
  }
  if (isAboveLimit) {
    const message = `Mailbox ${name} is a further consumer Gmail account in the pool, and Google forbids several accounts to get round the limits of one (${GMAIL_POLICY}): keep one, let the rest overflow to an EmailServiceProvider`;
    findings.push(blocking(FIELD, 'ConsumerAccountsPooled', message));
  }
  return findings;
}

function missingNames(index: ResourceIndex, pool: SendingPool): Finding[] {
  const { namespace } = pool.metadata;
  return (pool.spec.mailboxes?.names ?? [])
    .filter((name) => index.mailboxes.get(namespace, name) === undefined)
    .sort()
    .map((name) =>
      partial(
        `${FIELD}.names`,
        'MailboxNotFound',
        `Mailbox ${name} does not exist in namespace ${namespace}: create it or take the name out`,
      ),
    );
}

/** The mailboxes that a pool selects or names, each with what forbids it to send there. */
export function poolMembership(
  index: ResourceIndex,
  policy: Policy,
  pool: SendingPool,
  owners: Ownership,
): PoolMembership {
  const mailboxes = owners.selected.get(pool) ?? [];
  const findings = missingNames(index, pool);
  if (pool.spec.mailboxes !== undefined && mailboxes.length === 0) {
    const message = 'no Mailbox is selected or named: check the labels of the mailboxes and the selector';
    findings.push(
      (pool.spec.esps ?? []).length > 0
        ? warning(FIELD, 'MailboxesEmpty', message)
        : partial(FIELD, 'MailboxesEmpty', message),
    );
  }
  const consumerLimit = mailboxProfile(policy, 'Gmail').maxMailboxesPerPool ?? Number.POSITIVE_INFINITY;
  const consumers = new Map(
    mailboxes.filter((mailbox) => isConsumerGmail(mailbox.spec)).map((mailbox, rank) => [mailbox, rank]),
  );
  const members = mailboxes.map((mailbox) => {
    const rank = consumers.get(mailbox);
    const forbidden = rank === undefined ? [] : consumerRules(pool, mailbox, rank >= consumerLimit);
    return { mailbox, findings: [...sharing(pool, mailbox, owners), ...forbidden] };
  });
  return { members, findings };
}
