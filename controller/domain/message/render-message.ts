// SHIM by the lead so that the sender can be tried; the message helper replaces this file.
export function renderMessage(
  input: {
    template: { subject: string; text?: string | undefined; html?: string | undefined };
    row: { address: string };
    sender: { address: string };
    messageId: string;
  } & Record<string, unknown>,
): { raw: Buffer; subject: string } | { problem: string } {
  const { sender, row, messageId, template } = input;
  return {
    subject: template.subject,
    raw: Buffer.from(
      `From: ${sender.address}\r\nTo: ${row.address}\r\nMessage-ID: <${messageId}>\r\nSubject: shim\r\n\r\n${template.text ?? template.html ?? ''}\r\n`,
    ),
  };
}
