import {
  REPORT_SCHEMA_VERSION,
  type Report,
  type ReportCampaign,
  type ReportLimit,
  type ReportMailbox,
  type ReportPool,
  type ReportRoute,
} from '../../controller/api/report.ts';

/** The route mailbox/anna that has sent nothing. */
export function aReportRoute(overrides: Partial<ReportRoute> = {}): ReportRoute {
  return {
    route: 'mailbox/anna',
    kind: 'Mailbox',
    provider: 'GoogleWorkspace',
    account: 'anna@example.com',
    sent: 0,
    deferred: 0,
    failed: 0,
    suppressed: 0,
    uncertain: 0,
    overflow: 0,
    replies: [],
    ...overrides,
  };
}

/** anna's mailbox, unused, 100 a day. */
export function aReportMailbox(overrides: Partial<ReportMailbox> = {}): ReportMailbox {
  return {
    name: 'anna',
    address: 'anna@example.com',
    provider: 'GoogleWorkspace',
    used: 0,
    cap: 100,
    state: 'Connected',
    message: '',
    nextSlot: '',
    flags: [],
    ...overrides,
  };
}

/** The campaign spring, complete and empty. */
export function aReportCampaign(overrides: Partial<ReportCampaign> = {}): ReportCampaign {
  return {
    name: 'spring',
    state: 'Complete',
    message: '',
    rows: { read: 0, accepted: 0, invalid: 0, duplicate: 0 },
    total: 0,
    pending: 0,
    inFlight: 0,
    delivered: 0,
    deferred: 0,
    failed: 0,
    suppressed: 0,
    uncertain: 0,
    cancelled: 0,
    overflow: 0,
    nextAttempt: '',
    ...overrides,
  };
}

/** Ten of the hundred recipients that the pool may send to gmail.com in a day. */
export function aReportLimit(overrides: Partial<ReportLimit> = {}): ReportLimit {
  return {
    kind: 'RecipientDomain',
    name: 'gmail.com',
    used: 10,
    recipientsPerDay: 100,
    state: 'QuotaAvailable',
    message: '',
    nextSlot: '',
    waiting: 0,
    ...overrides,
  };
}

/** The pool mail/outreach with one route, one mailbox and one campaign. */
export function aReportPool(overrides: Partial<ReportPool> = {}): ReportPool {
  return {
    namespace: 'mail',
    name: 'outreach',
    routes: [aReportRoute()],
    mailboxes: [aReportMailbox()],
    limits: [],
    campaigns: [aReportCampaign()],
    ...overrides,
  };
}

/** A complete report of one pool. */
export function aReport(overrides: Partial<Report> = {}): Report {
  return {
    schema: REPORT_SCHEMA_VERSION,
    generatedAt: '2026-11-24T12:00:00.000Z',
    complete: true,
    pools: [aReportPool()],
    ...overrides,
  };
}
