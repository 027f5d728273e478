import { appendFile, writeFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Report } from '../../api/report.ts';
import type { Compilation } from '../../domain/compile/compilation.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import type { Clock } from '../../domain/ports/clock.ts';
import { LedgerLost, LedgerUnavailable, type Ledger } from '../../domain/ports/ledger.ts';
import { openLedger, type LedgerConfig } from '../ledger/open-ledger.ts';
import type { LiveView } from '../report/live-view.ts';
import { reportTable } from '../report/report-table.ts';
import { abortOnSignal, untilAborted } from '../signals.ts';
import { Appliance } from './appliance.ts';
import { endOf } from './completion.ts';
import { LedgerHealthLog } from './ledger-health-log.ts';
import { ManifestCredentials } from './manifest-credentials.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { ManifestSource, type CompiledManifests, type Declared } from './manifest-source.ts';
import { Publication } from './publication.ts';
import { currentReport, type AudienceProblem } from './report-source.ts';
import { SenderGroup } from './sender-group.ts';

/** How often the report is read and drawn, milliseconds. */
const REPORT_INTERVAL_MS = 500;

export interface StandaloneOptions {
  readonly directory: string;
  readonly isOnce: boolean;
  readonly reportFile?: string;
  /** Length of the quota window, milliseconds; undefined = 24 h. */
  readonly windowMs?: number;
  readonly ledger: LedgerConfig;
  readonly hostName: string;
}

export interface StandaloneParts {
  readonly log: Logger;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly view: LiveView;
}

/** Sends what a directory declares, in one process: the same compile step and the same senders as on a cluster. */
export class Standalone {
  readonly #options: StandaloneOptions;
  readonly #parts: StandaloneParts;
  readonly #credentials = new ManifestCredentials();
  readonly #source: ManifestSource;
  readonly #ending = new AbortController();
  /** What the directory says, as far as it is without mistakes. */
  #declared: Declared | undefined;
  /** What is in force of it. */
  #compilation: Compilation | undefined;
  #audienceProblems: readonly AudienceProblem[] = [];

  constructor(options: StandaloneOptions, parts: StandaloneParts) {
    this.#options = options;
    this.#parts = parts;
    const { directory, windowMs } = options;
    this.#source = new ManifestSource({
      directory,
      windowMs,
      policy: parts.policy,
      credentials: this.#credentials,
    });
  }

  /** Runs until a signal, or with `isOnce` until all campaigns are done. Resolves with the exit code. */
  async run(): Promise<number> {
    await this.#checkReportFile();
    const first = await this.#source.compile();
    this.#tell(first);
    if (!first.ok) return 1;
    const ledger = await openLedger(this.#options.ledger, 'Work', (sentence) =>
      this.#parts.log.warn(sentence),
    );
    try {
      return await this.#send(ledger, first.declared);
    } finally {
      await ledger.close();
    }
  }

  async #send(ledger: Ledger, first: Declared): Promise<number> {
    const { log, clock, policy } = this.#parts;
    const { directory, hostName } = this.#options;
    const senders = new SenderGroup({ ledger, policy, credentials: this.#credentials, clock, hostName, log });
    const publication = new Publication({ ledger, credentials: this.#credentials, log });
    const appliance = new Appliance<Declared>({
      clock,
      log,
      apply: (declared) => this.#apply(publication, senders, declared),
    });
    const put = (declared: Declared): void => {
      this.#declared = declared;
      appliance.put(declared);
    };
    put(first);
    const watch = new DirectoryWatch(directory, () => void this.#reload(put, watch));
    await watch.follow(first);
    let exitCode: number;
    try {
      exitCode = await Promise.race([
        this.#untilSignal(),
        this.#watchProgress(ledger, put),
        appliance.broken,
        senders.broken,
      ]);
    } finally {
      // Also when something broke: what goes on running would keep the process alive, and its lanes from others.
      this.#ending.abort();
      watch.close();
      await appliance.stop();
      await senders.stop();
    }
    await this.#finish(ledger);
    return exitCode;
  }

  async #untilSignal(): Promise<number> {
    const signal = abortOnSignal();
    await untilAborted(signal);
    this.#parts.view.note(`${String(signal.reason)}: finishing what is on the wire …`);
    return 0;
  }

  async #apply(publication: Publication, senders: SenderGroup, declared: Declared): Promise<void> {
    const problems = await publication.publish(declared);
    for (const { key, message } of problems)
      this.#parts.view.note(`Campaign/${key.campaign}: spec.audience: ${message}`);
    this.#audienceProblems = problems;
    this.#compilation = declared.compilation;
    await senders.follow(declared.compilation.plans);
  }

  async #reload(put: (declared: Declared) => void, watch: DirectoryWatch): Promise<void> {
    const compiled = await this.#source.compile();
    this.#tell(compiled);
    if (compiled.ok) {
      await watch.follow(compiled.declared);
      put(compiled.declared);
    } else this.#parts.view.note('The edit is not applied; what was in force stays in force.');
  }

  /** Draws the report as it changes; resolves with the exit code when `isOnce` and nothing is left to do. */
  async #watchProgress(ledger: Ledger, put: (declared: Declared) => void): Promise<number> {
    let ledgerId = ledger.id;
    const health = new LedgerHealthLog({ ...this.#parts, ledger });
    while (!this.#ending.signal.aborted) {
      await health.tend();
      if (ledger.id !== ledgerId) {
        // A person has confirmed that the ledger was lost: the one in its place has nothing of ours.
        ledgerId = ledger.id;
        this.#compilation = undefined;
        if (this.#declared) put(this.#declared);
      }
      const report = await this.#report(ledger);
      if (report) this.#parts.view.draw(reportTable(report));
      const end = report && this.#options.isOnce ? endOf(report) : undefined;
      if (end) {
        if (end.message !== '') this.#parts.view.note(end.message);
        return end.exitCode;
      }
      await this.#parts.clock.sleep(REPORT_INTERVAL_MS, this.#ending.signal);
    }
    return 0;
  }

  async #report(ledger: Ledger): Promise<Report | undefined> {
    if (!this.#compilation) return undefined;
    try {
      return await currentReport(ledger, this.#compilation.plans, this.#audienceProblems);
    } catch (error) {
      if (error instanceof LedgerUnavailable || error instanceof LedgerLost) return undefined;
      throw error;
    }
  }

  async #finish(ledger: Ledger): Promise<void> {
    const report = await this.#report(ledger);
    if (!report) return this.#parts.view.note('No final report: the ledger does not answer.');
    this.#parts.view.finish(reportTable(report));
    const { reportFile } = this.#options;
    if (reportFile !== undefined) await writeFile(reportFile, `${JSON.stringify(report, null, 2)}\n`);
  }

  /** Says at the start, not after hours of sending, that the report cannot be written. */
  async #checkReportFile(): Promise<void> {
    const { reportFile } = this.#options;
    if (reportFile === undefined) return;
    await appendFile(reportFile, '').catch((error: Error) => {
      throw new Error(`--report ${reportFile} cannot be written: ${error.message}`);
    });
  }

  #tell(compiled: CompiledManifests): void {
    for (const line of compiled.lines) this.#parts.view.note(line);
  }
}
