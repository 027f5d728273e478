/** One SMTP reply: every line already carries its enhanced code, as Google repeats it on continuation lines. */
export interface Reply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Builds a reply; several texts make a multi-line reply. */
export function reply(code: number, enhanced: string, ...texts: readonly string[]): Reply {
  return { code, lines: texts.map((text) => (enhanced === '' ? text : `${enhanced} ${text}`)) };
}

/** Reads a refusal as configuration spells it, e.g. `450 4.2.1 The user is receiving mail too quickly`. */
export function verbatimReply(text: string): Reply {
  return { code: Number(text.slice(0, 3)), lines: [text.slice(4)] };
}

/** The reply on one line, continuation lines folded with a space: what clients report and the wire log keeps. */
export function foldReply({ code, lines }: Reply): string {
  return `${code} ${lines.join(' ')}`;
}

/** True for a reply that refuses a command, for now (4xx) or for good (5xx). */
export function isRefusal({ code }: Reply): boolean {
  return code >= 400;
}
