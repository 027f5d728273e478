import { API_GROUP, API_VERSION, type PrinterColumn, type ResourceKind } from '../../api/resource-kind.ts';
import { structuralSchema } from '../../api/structural-schema.ts';
import { crdSchema } from './crd-schema.ts';
import { ratcheting } from './ratchet.ts';
import { unobservedStatus } from './unobserved-status.ts';

/** The category that lists every kind: `kubectl get mailers`. */
export const CATEGORY = 'mailers';

/** Name of the CRD of a kind, e.g. `mailboxes.mailers.io`. */
export function crdName(kind: ResourceKind): string {
  return `${kind.plural}.${API_GROUP}`;
}

/** The CustomResourceDefinition of a kind (apiextensions.k8s.io/v1). */
export function customResourceDefinition(kind: ResourceKind): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: crdName(kind),
      annotations: { [`${API_GROUP}/generated-by`]: 'npm run generate' },
    },
    spec: {
      group: API_GROUP,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        shortNames: kind.shortNames,
        categories: [CATEGORY],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: API_VERSION,
          served: true,
          storage: true,
          subresources: { status: {}, ...(kind.scale && { scale: kind.scale }) },
          additionalPrinterColumns: kind.printerColumns.map(column),
          ...(kind.selectableFields && {
            selectableFields: kind.selectableFields.map((jsonPath) => ({ jsonPath })),
          }),
          schema: { openAPIV3Schema: objectSchema(kind) },
        },
      ],
    },
  };
}

function objectSchema(kind: ResourceKind): Readonly<Record<string, unknown>> {
  const schemaOf = (part: 'spec' | 'status', description: string) => {
    const schema = structuralSchema(kind[part]);
    return crdSchema({ ...schema, description, rules: schema.rules.map(ratcheting) });
  };
  return {
    description: kind.description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: `Always ${API_GROUP}/${API_VERSION}.` },
      kind: { type: 'string', description: `Always ${kind.kind}.` },
      metadata: { type: 'object' },
      spec: schemaOf('spec', 'What is wanted.'),
      status: unobservedStatus(
        schemaOf('status', 'What is so. Written by the controller; derived, and safe to lose.'),
      ),
    },
  };
}

function column({ name, type, jsonPath, description, priority }: PrinterColumn) {
  return { name, type, jsonPath, description, ...(priority && { priority }) };
}
