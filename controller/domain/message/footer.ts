import type { RenderedParts } from './compiled-template.ts';
import { escapeHtml } from './liquid-engine.ts';

/** What every Marketing message must show. */
export interface FooterNeeds {
  readonly unsubscribeUrl: string;
  readonly postalAddress: string;
}

/** Adds to text and HTML, each by itself, what the template does not show there: the postal address and the unsubscribe link. */
export function withFooter(parts: RenderedParts, needs: FooterNeeds): RenderedParts {
  const { html } = parts;
  return {
    ...parts,
    text: withTextFooter(parts.text, needs),
    html: html === undefined ? undefined : withHtmlFooter(html, needs),
  };
}

function withTextFooter(text: string, { postalAddress, unsubscribeUrl }: FooterNeeds): string {
  const lines = [
    ...(isShown(text, postalAddress) ? [] : [postalAddress.trim()]),
    ...(text.includes(unsubscribeUrl) ? [] : [`Unsubscribe: ${unsubscribeUrl}`]),
  ];
  return lines.length === 0 ? text : `${text.trimEnd()}\n\n-- \n${lines.join('\n')}\n`;
}

function withHtmlFooter(html: string, { postalAddress, unsubscribeUrl }: FooterNeeds): string {
  const address = escapeHtml(postalAddress.trim());
  const url = escapeHtml(unsubscribeUrl);
  const lines = [
    ...(isShown(html, address) ? [] : [address.replace(/\r?\n/g, '<br>')]),
    ...(html.includes(url) || html.includes(unsubscribeUrl) ? [] : [`<a href="${url}">Unsubscribe</a>`]),
  ];
  if (lines.length === 0) return html;
  const footer = `<p style="font-size:12px;color:#666666">${lines.join('<br>')}</p>\n`;
  const end = html.search(/<\/body>(?!.*<\/body>)/is);
  return end === -1 ? `${html}\n${footer}` : html.slice(0, end) + footer + html.slice(end);
}

/** Whatever lines it is on, and with or without markup between them. */
function isShown(body: string, text: string): boolean {
  return body.includes(text) || onOneLine(body).includes(onOneLine(text));
}

function onOneLine(text: string): string {
  return text
    .replace(/<[^<>]*>|\s+/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
}
