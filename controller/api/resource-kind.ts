import type { z } from 'zod';

/** API group and version of every kind. */
export const API_GROUP = 'mailers.io';
export const API_VERSION = 'v1alpha1';
export const API_GROUP_VERSION = `${API_GROUP}/${API_VERSION}`;

/** A column that `kubectl get` prints. `priority: 1` shows it only with `-o wide`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: 1;
}

/** Where the scale subresource finds its numbers. */
interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath: string;
}

/** Everything that a CRD says about a kind; the zod schemas are the source, `crds/` is generated. */
export interface ResourceKind<Spec extends z.ZodType = z.ZodType, Status extends z.ZodType = z.ZodType> {
  readonly kind: KindName;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** One paragraph for `kubectl explain` and the reference page. */
  readonly description: string;
  readonly spec: Spec;
  readonly status: Status;
  readonly printerColumns: readonly PrinterColumn[];
  readonly selectableFields?: readonly string[];
  readonly scale?: ScalePaths;
}

/** The six kinds of the group. */
export type KindName =
  'Mailbox' | 'EmailServiceProvider' | 'SendingPool' | 'SuppressionList' | 'Template' | 'Campaign';
