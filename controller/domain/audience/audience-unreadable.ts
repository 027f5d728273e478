/** The whole source is of no use: nothing of it may be imported. The message says what is wrong and where, to be read after the source's name. */
export class AudienceUnreadable extends Error {
  override readonly name = 'AudienceUnreadable';
}
