/** What every reconciler works with. */
import type { Ledger, LedgerHealth } from '../../domain/ports/ledger.ts';
import type { AudienceRequest } from '../../domain/compile/compilation.ts';
import type { Problem } from '../../domain/compile/problem.ts';
import type { WindowWatch } from '../../domain/window.ts';
import type { StatusMoment } from '../../domain/status/status-subject.ts';
import type { KindName } from '../../api/resource-kind.ts';
import type { OperatorCaches } from '../caches.ts';
import { objectKey, versionOf, type CompiledNamespace } from '../compilation/compiled-namespace.ts';
import type { Publisher } from '../compilation/publisher.ts';
import type { LedgerFacts } from '../facts/ledger-facts.ts';
import type { Applier } from '../kube/applier.ts';
import type { LedgerTime } from '../ledger-time.ts';
import type { TimerClock } from '../kube/clock.ts';
import type { Log } from '../kube/log.ts';
import type { KubeObject } from '../kube/resource.ts';
import type { SenderSettings } from '../objects/sender-settings.ts';
import type { StatusDesk } from '../status/status-desk.ts';

/** Brings an audience into the ledger; a no-op when it is there already. Rejects with AudienceUnreadable. */
export type ImportAudience = (
  request: Omit<AudienceRequest, 'location'>,
  content: string,
) => Promise<unknown>;

export interface Desk {
  readonly caches: OperatorCaches;
  readonly ledger: Ledger;
  /** What was compiled last, by namespace. */
  readonly compiled: Map<string, CompiledNamespace>;
  /** Namespaces of which nothing may be published, because their ledger is lost. */
  readonly losses: Map<string, LedgerHealth>;
  readonly publisher: Publisher;
  readonly facts: LedgerFacts;
  readonly statuses: StatusDesk;
  readonly applier: Applier;
  readonly settings: SenderSettings;
  /** How a person confirms the loss of a ledger from where conditions are read, without the id. */
  readonly confirmCommand: string;
  readonly importAudience: ImportAudience;
  readonly windowWatch: WindowWatch;
  readonly clock: TimerClock;
  /** By which statuses are made. */
  readonly time: Pick<LedgerTime, 'now' | 'look'>;
  readonly log: Log;
}

/** The compilation that an object is part of; undefined while its present version has not been compiled. */
export function compilationOf(
  desk: Pick<Desk, 'compiled'>,
  kind: KindName,
  object: KubeObject,
): CompiledNamespace | undefined {
  const { name, namespace = '' } = object.metadata;
  const compiled = desk.compiled.get(namespace);
  const isCurrent =
    compiled?.versions.get(objectKey(kind, name)) ===
    versionOf({ metadata: { ...object.metadata, namespace } });
  return isCurrent ? compiled : undefined;
}

/** What an object's status is made of besides its own facts: its own problems of the compilation, and those found since. */
export function momentOf(
  desk: Pick<Desk, 'time' | 'windowWatch'>,
  compiled: CompiledNamespace,
  object: { readonly kind: KindName; readonly name: string },
  found: readonly Problem[] = [],
): StatusMoment {
  return {
    problems: [...(compiled.problems.get(objectKey(object.kind, object.name)) ?? []), ...found],
    nowMs: desk.time.now(),
    watch: desk.windowWatch,
  };
}
