/** Query parameters; undefined ones are left out. */
export type Query = Record<string, string | number | boolean | undefined>;

/** `path?a=1&b=2`, or the bare path when there is nothing to ask. */
export function withQuery(path: string, query: Query): string {
  let text = path;
  for (const name in query) {
    const value = query[name];
    if (value === undefined) continue;
    text += `${text === path ? '?' : '&'}${name}=${encodeURIComponent(value)}`;
  }
  return text;
}
