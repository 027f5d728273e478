import type { PrinterColumn } from './resource-kind.ts';

/** Columns that every kind shows. */

/** Status of the Ready condition; `description` is the question that it answers. */
export function readyColumn(description: string): PrinterColumn {
  return {
    name: 'Ready',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Ready")].status',
    description,
  };
}

/** Reason of the Ready condition, with `-o wide`. */
export const REASON_COLUMN: PrinterColumn = {
  name: 'Reason',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
  description: 'Why.',
  priority: 1,
};

/** Message of the Ready condition, with `-o wide`. */
export const MESSAGE_COLUMN: PrinterColumn = {
  name: 'Message',
  type: 'string',
  jsonPath: '.status.conditions[?(@.type=="Ready")].message',
  description: 'More.',
  priority: 1,
};

export const AGE_COLUMN: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Age.',
};
