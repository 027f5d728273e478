import type {
  Report,
  ReportCampaign,
  ReportLimit,
  ReportMailbox,
  ReportPool,
  ReportRoute,
} from '../../api/report.ts';
import { columns, type Column } from './columns.ts';

const BAR_CELLS = 20;
const LONGEST_NOTE = 60;

/**
 * The report for a terminal: per pool its campaigns, routes, mailboxes and the limits that they share. "In so long" counts from when the report was
 * made, by the ledger's clock, as all its times: this machine's may be wrong.
 */
export function reportTable(report: Report): string[] {
  const nowMs = Date.parse(report.generatedAt);
  return report.pools.flatMap((pool, index) => [...(index === 0 ? [] : ['']), ...poolTable(pool, nowMs)]);
}

function poolTable(pool: ReportPool, nowMs: number): string[] {
  const sections = [
    pool.campaigns.length === 0 ? ['No campaigns.'] : columns(pool.campaigns, campaignColumns),
    columns(pool.routes, routeColumns),
    ...(pool.mailboxes.length === 0 ? [] : [columns(pool.mailboxes, mailboxColumns(nowMs))]),
    ...(pool.limits.length === 0 ? [] : [columns(pool.limits, limitColumns(nowMs))]),
  ];
  return [
    `Pool ${pool.namespace}/${pool.name}`,
    ...sections.flatMap((lines) => ['', ...lines.map((line) => `  ${line}`)]),
  ];
}

const campaignColumns: readonly Column<ReportCampaign>[] = [
  { title: 'CAMPAIGN', cell: (campaign) => campaign.name },
  { title: 'STATE', cell: (campaign) => campaign.state },
  { title: 'PROGRESS', cell: progressBar },
  { title: 'TOTAL', align: 'right', cell: (campaign) => String(campaign.total) },
  { title: 'SENT', align: 'right', cell: (campaign) => String(campaign.delivered) },
  {
    title: 'WAITING',
    align: 'right',
    cell: (campaign) => String(campaign.pending + campaign.inFlight + campaign.deferred),
  },
  { title: 'FAILED', align: 'right', cell: (campaign) => String(campaign.failed) },
  { title: 'SUPPRESSED', align: 'right', cell: (campaign) => String(campaign.suppressed) },
  { title: 'UNCERTAIN', align: 'right', cell: (campaign) => String(campaign.uncertain) },
  { title: 'ROWS', cell: rowsNote },
];

const routeColumns: readonly Column<ReportRoute>[] = [
  { title: 'ROUTE', cell: (route) => route.route },
  { title: 'PROVIDER', cell: (route) => route.provider },
  { title: 'SENT', align: 'right', cell: (route) => String(route.sent) },
  { title: 'DEFERRED', align: 'right', cell: (route) => String(route.deferred) },
  { title: 'FAILED', align: 'right', cell: (route) => String(route.failed) },
  { title: 'SUPPRESSED', align: 'right', cell: (route) => String(route.suppressed) },
  { title: 'UNCERTAIN', align: 'right', cell: (route) => String(route.uncertain) },
  { title: 'OVERFLOW', align: 'right', cell: (route) => String(route.overflow) },
  { title: 'REPLIES', cell: (route) => route.replies.map(replyCount).join(', ') },
];

function mailboxColumns(nowMs: number): readonly Column<ReportMailbox>[] {
  return [
    { title: 'MAILBOX', cell: (mailbox) => mailbox.name },
    { title: 'ADDRESS', cell: (mailbox) => mailbox.address },
    { title: 'USED/CAP', align: 'right', cell: (mailbox) => `${mailbox.used}/${mailbox.cap}` },
    { title: 'STATE', cell: (mailbox) => mailbox.state },
    { title: 'NEXT SLOT', cell: (mailbox) => nextSlot(mailbox.nextSlot, nowMs) },
    {
      title: 'NOTE',
      cell: (mailbox) =>
        shortened([...mailbox.flags, mailbox.message].filter((note) => note !== '').join('; ')),
    },
  ];
}

function limitColumns(nowMs: number): readonly Column<ReportLimit>[] {
  return [
    { title: 'SHARED LIMIT', cell: (limit) => limit.name },
    { title: 'USED', align: 'right', cell: (limit) => String(limit.used) },
    { title: 'PER DAY', align: 'right', cell: (limit) => numberOrNone(limit.recipientsPerDay) },
    { title: 'PER HOUR', align: 'right', cell: (limit) => numberOrNone(limit.recipientsPerHour) },
    { title: 'STATE', cell: (limit) => limit.state },
    { title: 'NEXT SLOT', cell: (limit) => nextSlot(limit.nextSlot, nowMs) },
    { title: 'WAITING', align: 'right', cell: (limit) => String(limit.waiting) },
    { title: 'NOTE', cell: (limit) => shortened(limit.message) },
  ];
}

function numberOrNone(value: number | undefined): string {
  return value === undefined ? '–' : String(value);
}

/** The report file has the whole text. */
function shortened(note: string): string {
  return note.length <= LONGEST_NOTE ? note : `${note.slice(0, LONGEST_NOTE - 1)}…`;
}

function progressBar(campaign: ReportCampaign): string {
  const ended =
    campaign.delivered + campaign.failed + campaign.suppressed + campaign.uncertain + campaign.cancelled;
  const shareOfNothing = campaign.state === 'Complete' ? 1 : 0;
  const share = campaign.total === 0 ? shareOfNothing : ended / campaign.total;
  const filled = Math.floor(share * BAR_CELLS);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_CELLS - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`;
}

function rowsNote(campaign: ReportCampaign): string {
  const { read, duplicate, invalid } = campaign.rows;
  return `${read} read, ${duplicate} duplicate, ${invalid} invalid`;
}

function replyCount(reply: ReportRoute['replies'][number]): string {
  const code =
    reply.code === 0
      ? 'no reply'
      : [String(reply.code), reply.enhancedCode].filter((part) => part !== '').join(' ');
  return `${code} ×${reply.count}`;
}

/** `in 3 h 20 min`, as people read a waiting time. */
function nextSlot(time: string, nowMs: number): string {
  if (time === '') return '';
  const seconds = Math.max(0, Math.round((Date.parse(time) - nowMs) / 1000));
  if (seconds < 60) return `in ${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `in ${minutes} min ${seconds % 60} s`;
  return `in ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
