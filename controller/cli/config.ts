import { z } from 'zod';

/** What the environment says. The only place that reads it; command-line options win over it. */
const configSchema = z.object({
  REDIS_URL: z.string().min(1).default('redis://127.0.0.1:6379'),
  MAILERS_LEDGER_PREFIX: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, 'must be 1 to 32 lower-case letters, digits or "-"')
    .default('mailers'),
  MAILERS_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).optional(),
  HOSTNAME: z.string().default('localhost'),
});

export interface Config {
  readonly redisUrl: string;
  readonly ledgerPrefix: string;
  /** Undefined: the command decides. */
  readonly logLevel: string | undefined;
  readonly hostName: string;
}

/** Reads the environment; throws one sentence per wrong variable. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = configSchema.safeParse(environment);
  if (!parsed.success) {
    throw new Error(
      parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'),
    );
  }
  return {
    redisUrl: parsed.data.REDIS_URL,
    ledgerPrefix: parsed.data.MAILERS_LEDGER_PREFIX,
    logLevel: parsed.data.MAILERS_LOG_LEVEL,
    hostName: parsed.data.HOSTNAME,
  };
}

/** The environment for a child process of ours, with some variables set. */
export function childEnvironment(
  variables: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return { ...process.env, ...variables };
}
