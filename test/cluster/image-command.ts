import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checkout } from './image.ts';

const entrypointSchema = z.tuple([z.literal('node')], z.string());

/** Flags of Node and environment with which the image starts the program, so that what runs beside a cluster runs as what is in it. */
export function imageCommand(): {
  readonly flags: readonly string[];
  readonly environment: readonly string[];
} {
  const dockerfile = readFileSync(join(checkout, 'Dockerfile'), 'utf8');
  const [, command = ''] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
  const [, ...flags] = entrypointSchema.parse(JSON.parse(command)).slice(0, -1);
  const [arenas = ''] = /MALLOC_ARENA_MAX=\d+/.exec(dockerfile) ?? [];
  return { flags, environment: [arenas] };
}
