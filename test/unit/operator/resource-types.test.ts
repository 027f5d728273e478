import { expect, it } from 'vitest';
import { KINDS } from '../../../controller/api/kinds.ts';
import { ownType } from '../../../controller/operator/resource-types.ts';

it.each(Object.values(KINDS))('the operator looks for $kind where its CRD puts it', ({ kind, plural }) => {
  expect(ownType(kind).plural).toBe(plural);
});
