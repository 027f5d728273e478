import type {
  Campaign,
  EmailServiceProvider,
  Mailbox,
  ObjectMeta,
  ResourceSet,
  SendingPool,
  SuppressionList,
  Template,
} from '../../controller/api/resource.ts';

const apiVersion = 'mailers.io/v1alpha1';

type Change<T extends { spec: unknown }> = {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: Partial<T['spec']>;
};

function metadata(name: string, change: Change<{ spec: unknown }>): ObjectMeta {
  return { name, namespace: 'mail', ...change.metadata };
}

/** Workspace mailbox NAME@example.com with an App Password in the Secret NAME-login. */
export function aMailbox(name = 'anna', change: Change<Mailbox> = {}): Mailbox {
  return {
    apiVersion,
    kind: 'Mailbox',
    metadata: metadata(name, change),
    spec: {
      address: `${name}@example.com`,
      provider: 'GoogleWorkspace',
      auth: { appPassword: { secretRef: { name: `${name}-login`, key: 'appPassword' } } },
      suspend: false,
      ...change.spec,
    },
  };
}

/** Generic relay with login in the Secret NAME-login. */
export function anEsp(name = 'relay', change: Change<EmailServiceProvider> = {}): EmailServiceProvider {
  return {
    apiVersion,
    kind: 'EmailServiceProvider',
    metadata: metadata(name, change),
    spec: {
      provider: 'SMTP',
      smtp: { host: 'relay.example.net' },
      auth: { secretRef: { name: `${name}-login`, usernameKey: 'username', passwordKey: 'password' } },
      from: { address: 'hello@example.com' },
      messagesPerSecond: 10,
      maxConnections: 5,
      suspend: false,
      ...change.spec,
    },
  };
}

/** Transactional pool with all mailboxes of the namespace and the ESP relay. */
export function aPool(name = 'outreach', change: Change<SendingPool> = {}): SendingPool {
  return {
    apiVersion,
    kind: 'SendingPool',
    metadata: metadata(name, change),
    spec: {
      purpose: 'Transactional',
      mailboxes: { selector: {} },
      esps: [{ name: 'relay' }],
      routing: {
        prefer: 'Mailboxes',
        overflow: 'ESP',
        overflowReasons: ['QuotaExhausted', 'Unavailable'],
      },
      senders: { replicas: 1, isolation: 'Shared' },
      uncertain: 'Report',
      suspend: false,
      ...change.spec,
    },
  };
}

/** Empty suppression list. */
export function aList(name = 'blocked', change: Change<SuppressionList> = {}): SuppressionList {
  return { apiVersion, kind: 'SuppressionList', metadata: metadata(name, change), spec: { ...change.spec } };
}

/** Template that greets by name. */
export function aTemplate(name = 'greeting', change: Change<Template> = {}): Template {
  return {
    apiVersion,
    kind: 'Template',
    metadata: metadata(name, change),
    spec: {
      subject: 'Hello {{ name }}',
      text: 'Hello {{ name }}',
      variables: [{ name: 'name', default: 'there' }],
      ...change.spec,
    },
  };
}

/** Campaign that sends the greeting to one recipient through the pool outreach. */
export function aCampaign(name = 'spring', change: Change<Campaign> = {}): Campaign {
  return {
    apiVersion,
    kind: 'Campaign',
    metadata: metadata(name, change),
    spec: {
      poolRef: { name: 'outreach' },
      templateRef: { name: 'greeting' },
      audience: { inline: 'email\nrob@example.org\n', format: 'CSV', emailColumn: 'email' },
      expireAfterSeconds: 259_200,
      suspend: false,
      ...change.spec,
    },
  };
}

/** One complete, sendable set: mailbox anna, ESP relay, pool outreach, template greeting, campaign spring and their Secrets. */
export function aResourceSet(change: Partial<ResourceSet> = {}): ResourceSet {
  return {
    mailboxes: [aMailbox()],
    emailServiceProviders: [anEsp()],
    sendingPools: [aPool()],
    suppressionLists: [],
    templates: [aTemplate()],
    campaigns: [aCampaign()],
    secrets: [
      { namespace: 'mail', name: 'anna-login', keys: ['appPassword'] },
      { namespace: 'mail', name: 'ben-login', keys: ['appPassword'] },
      { namespace: 'mail', name: 'relay-login', keys: ['username', 'password'] },
      { namespace: 'mail', name: 'unsubscribe', keys: ['signingKey'] },
    ],
    configMaps: [],
    ...change,
  };
}
