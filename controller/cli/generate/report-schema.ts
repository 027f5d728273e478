import { z } from 'zod';
import { reportSchema } from '../../api/report.ts';
import type { GeneratedFile } from './generated-file.ts';

/** JSON Schema (2020-12) of the report, for those who read it by program. */
export function reportSchemaFile(): GeneratedFile {
  const schema = { title: 'mailers report', ...z.toJSONSchema(reportSchema, { target: 'draft-2020-12' }) };
  return { path: 'docs/reference/report.schema.json', content: `${JSON.stringify(schema, undefined, 2)}\n` };
}
