/** Resolves at the first SIGINT or SIGTERM. Later ones change nothing: the end is under way and bounded. */
export function untilSignalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on('SIGINT', resolve);
    process.on('SIGTERM', resolve);
  });
}
