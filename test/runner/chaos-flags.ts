import { parseArgs } from 'node:util';

/**
 * Takes `--full` (20,000 messages) and `--seed N` out of the arguments and hands them on in the environment, which vitest's workers inherit;
 * answers the arguments that are left for vitest.
 */
export function takeChaosFlags(
  args: readonly string[],
  environment: Record<string, string | undefined>,
): string[] {
  const { values, tokens } = parseArgs({
    args: [...args],
    options: { full: { type: 'boolean' }, seed: { type: 'string' } },
    strict: false,
    tokens: true,
  });
  if (values.full === true) environment['MAILERS_CHAOS_FULL'] = '1';
  if (typeof values.seed === 'string') environment['MAILERS_CHAOS_SEED'] = values.seed;
  const taken = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== 'option' || (token.name !== 'full' && token.name !== 'seed')) continue;
    taken.add(token.index);
    if (token.name === 'seed' && !token.inlineValue) taken.add(token.index + 1);
  }
  return args.filter((_, index) => !taken.has(index));
}
