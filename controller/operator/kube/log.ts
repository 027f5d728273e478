/**
 * What the machinery needs from a logger: a pino logger fits as it is.
 *
 * Messages are constant sentences in the past tense; everything that varies goes into `fields`.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
