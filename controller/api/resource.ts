import type { CampaignSpec, CampaignStatus } from './campaign.ts';
import type { EmailServiceProviderSpec, EmailServiceProviderStatus } from './email-service-provider.ts';
import type { MailboxSpec, MailboxStatus } from './mailbox.ts';
import type { SendingPoolSpec, SendingPoolStatus } from './sending-pool.ts';
import type { SuppressionListSpec, SuppressionListStatus } from './suppression-list.ts';
import type { TemplateSpec, TemplateStatus } from './template.ts';

/** The part of an object's metadata that decisions use. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

/** An object of one of our kinds, defaults applied. */
interface Resource<Kind extends string, Spec, Status> {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: ObjectMeta;
  readonly spec: Spec;
  readonly status?: Status;
}

export type Mailbox = Resource<'Mailbox', MailboxSpec, MailboxStatus>;
export type EmailServiceProvider = Resource<
  'EmailServiceProvider',
  EmailServiceProviderSpec,
  EmailServiceProviderStatus
>;
export type SendingPool = Resource<'SendingPool', SendingPoolSpec, SendingPoolStatus>;
export type SuppressionList = Resource<'SuppressionList', SuppressionListSpec, SuppressionListStatus>;
export type Template = Resource<'Template', TemplateSpec, TemplateStatus>;
export type Campaign = Resource<'Campaign', CampaignSpec, CampaignStatus>;

export type AnyResource =
  Mailbox | EmailServiceProvider | SendingPool | SuppressionList | Template | Campaign;

/** What is known of a Secret without reading it: its name and the names of its keys (standalone), or only that it exists. */
export interface SecretFacts {
  readonly namespace: string;
  readonly name: string;
  /** Key names where they are known; undefined on a cluster, where the operator reads metadata only. */
  readonly keys?: readonly string[];
}

/** A ConfigMap, data included. */
export interface ConfigMap {
  readonly namespace: string;
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
}

/** Everything that is compiled into plans. */
export interface ResourceSet {
  readonly mailboxes: readonly Mailbox[];
  readonly emailServiceProviders: readonly EmailServiceProvider[];
  readonly sendingPools: readonly SendingPool[];
  readonly suppressionLists: readonly SuppressionList[];
  readonly templates: readonly Template[];
  readonly campaigns: readonly Campaign[];
  readonly secrets: readonly SecretFacts[];
  readonly configMaps: readonly ConfigMap[];
}
