import type { PlanAuth } from '../../../api/plan.ts';
import type { Credentials } from '../../../domain/ports/route.ts';
import { resolveLogin, type SmtpLogin } from '../../routes/smtp/smtp-login.ts';

/** What imapflow's `auth` takes. */
export type ImapLogin =
  { readonly user: string; readonly pass: string } | { readonly user: string; readonly accessToken: string };

export type ImapLoginAnswer =
  { readonly ok: true; readonly login: ImapLogin } | { readonly ok: false; readonly message: string };

/**
 * The mailbox's own login, for IMAP: an App Password and a password hold for both services, and so does a token of Google's mail scope.
 * Rejects when the token service cannot be reached or refuses.
 */
export async function resolveImapLogin(
  auth: PlanAuth,
  namespace: string,
  credentials: Credentials,
): Promise<ImapLoginAnswer> {
  const answer = await resolveLogin(auth, namespace, credentials);
  if (!answer.ok) return { ok: false, message: answer.message };
  return { ok: true, login: await imapLogin(answer.login) };
}

async function imapLogin(login: SmtpLogin): Promise<ImapLogin> {
  if ('oauth2' in login && login.oauth2) {
    return { user: login.user ?? '', accessToken: await accessToken(login.oauth2) };
  }
  if ('credentials' in login && login.credentials) {
    const { user, pass } = login.credentials;
    return { user: user ?? '', pass: pass ?? '' };
  }
  throw new Error('A login is a password or a token; this one is neither');
}

function accessToken(source: NonNullable<SmtpLogin['oauth2']>): Promise<string> {
  return new Promise((resolve, reject) => {
    source.getToken(false, (error, token) => {
      if (error || typeof token !== 'string') reject(error ?? new Error('The token service gave no token'));
      else resolve(token);
    });
  });
}
