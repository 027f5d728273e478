import { campaignKind } from './campaign.ts';
import { emailServiceProviderKind } from './email-service-provider.ts';
import { mailboxKind } from './mailbox.ts';
import type { KindName, ResourceKind } from './resource-kind.ts';
import { sendingPoolKind } from './sending-pool.ts';
import { suppressionListKind } from './suppression-list.ts';
import { templateKind } from './template.ts';

/** All kinds of the group, in the order in which they are documented. */
export const KINDS: Readonly<Record<KindName, ResourceKind>> = {
  Mailbox: mailboxKind,
  EmailServiceProvider: emailServiceProviderKind,
  SendingPool: sendingPoolKind,
  SuppressionList: suppressionListKind,
  Template: templateKind,
  Campaign: campaignKind,
};
