import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { z } from 'zod';
import type { AudienceRow } from '../domain/ports/audience-ledger.ts';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** A chunk as stored: names of the variables once, then per row address, key ('' when equal), and the values (null = not set). */
const chunkSchema = z.tuple([z.array(z.string()), z.array(z.array(z.string().nullable()))]);

/** Rows in few bytes: column names once per chunk, then deflated. */
export async function encodeRows(rows: readonly AudienceRow[]): Promise<Buffer> {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.variables)))];
  const values = rows.map((row) => [
    row.address,
    row.key === row.address ? '' : row.key,
    ...names.map((name) => (Object.hasOwn(row.variables, name) ? row.variables[name] : null)),
  ]);
  return deflate(JSON.stringify([names, values]));
}

/** The rows of a chunk that `encodeRows` made. */
export async function decodeRows(chunk: Buffer): Promise<AudienceRow[]> {
  const inflated = await inflate(chunk);
  const [names, values] = chunkSchema.parse(JSON.parse(inflated.toString()));
  return values.map(([address, key, ...row]) => ({
    address: address ?? '',
    key: key === '' || key === null || key === undefined ? (address ?? '') : key,
    variables: Object.fromEntries(names.flatMap((name, index) => pair(name, row[index]))),
  }));
}

function pair(name: string, value: string | null | undefined): [string, string][] {
  return value === null || value === undefined ? [] : [[name, value]];
}
