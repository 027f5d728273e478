import { Buffer } from 'node:buffer';
import type { FieldIssue } from './manifest-error.ts';
import type { ConfigMapObject, SecretObject } from './object-schema.ts';

/** What a Secret or ConfigMap holds, by key. */
export type DataEntries = Readonly<Record<string, Uint8Array>>;

/** Entries, or what is wrong with them. */
export interface DecodedData {
  readonly data: DataEntries;
  readonly issues: readonly FieldIssue[];
}

/** `data` decoded from base64; `stringData` as it is, and it wins, as on a cluster. */
export function decodeSecret(secret: SecretObject): DecodedData {
  return decode({
    base64: secret.data,
    plain: secret.stringData,
    base64Field: 'data',
    instead: 'stringData',
  });
}

/** `data` as UTF-8 and `binaryData` decoded from base64. */
export function decodeConfigMap(configMap: ConfigMapObject): DecodedData {
  const { data: plain, binaryData: base64 } = configMap;
  return decode({ base64, plain, base64Field: 'binaryData', instead: 'data' });
}

interface Encoded {
  readonly base64: Readonly<Record<string, string>> | undefined;
  readonly plain: Readonly<Record<string, string>> | undefined;
  readonly base64Field: string;
  /** Where plain text belongs. */
  readonly instead: string;
}

function decode({ base64, plain, base64Field, instead }: Encoded): DecodedData {
  const data: Record<string, Uint8Array> = {};
  const issues: FieldIssue[] = [];
  for (const [key, encoded] of Object.entries(base64 ?? {})) {
    const compact = encoded.replaceAll(/[\r\n]/g, '');
    if (isBase64(compact)) data[key] = Buffer.from(compact, 'base64');
    else
      issues.push({ path: [base64Field, key], message: `must be base64; plain text belongs in ${instead}` });
  }
  for (const [key, value] of Object.entries(plain ?? {})) data[key] = Buffer.from(value, 'utf8');
  return { data, issues };
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
