/**
 * Whether two values have the same JSON, whatever the order of their fields; a field that is undefined is not there. For statuses and facts,
 * which are compared by the ten thousand: a fifth of the time of `isDeepStrictEqual`.
 */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one)) return Array.isArray(other) && isSameList(one, other);
  return !Array.isArray(other) && isSameObject(one, other);
}

function isSameList(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, index) => isSameValue(value, other[index]));
}

function isSameObject(one: object, other: object): boolean {
  const fields = other as Readonly<Record<string, unknown>>;
  let surplus = 0;
  for (const value of Object.values(other)) if (value !== undefined) surplus += 1;
  for (const [field, value] of Object.entries(one)) {
    if (value === undefined) continue;
    if (!isSameValue(value, fields[field])) return false;
    surplus -= 1;
  }
  return surplus === 0;
}
