import { createHash } from 'node:crypto';
import type { SMTPConnectionAuth } from 'nodemailer/lib/smtp-connection';
import XOAuth2 from 'nodemailer/lib/xoauth2';
import { z } from 'zod';
import type { PlanAuth } from '../../../api/plan.ts';
import type { Credentials } from '../../../domain/ports/route.ts';

/** What nodemailer's `login` takes. */
export type SmtpLogin = SMTPConnectionAuth;

export type LoginAnswer =
  | {
      readonly ok: true;
      readonly login: SmtpLogin;
      /** Changes when the Secret's content does. */ readonly version: string;
    }
  | {
      readonly ok: false;
      readonly reason: 'SecretNotFound' | 'SecretKeyNotFound' | 'CredentialsInvalid';
      readonly message: string;
    };

const serviceAccountKeySchema = z.object({
  client_email: z.string(),
  private_key: z.string(),
  token_uri: z.url().optional(),
});

/** Reads the Secret and makes a login of it. Missing or malformed Secrets are answers that name what to mend. */
export async function resolveLogin(
  auth: PlanAuth,
  namespace: string,
  credentials: Credentials,
): Promise<LoginAnswer> {
  const secretName = 'secret' in auth ? auth.secret.name : auth.secretName;
  const data = await credentials.read(namespace, secretName);
  if (!data) {
    return {
      ok: false,
      reason: 'SecretNotFound',
      message: `Secret ${secretName} in namespace ${namespace} has not reached this sender: create it, or wait if it was made just now`,
    };
  }
  const missing = keysOf(auth).find((key) => !data[key]);
  if (missing !== undefined) {
    return {
      ok: false,
      reason: 'SecretKeyNotFound',
      message: `Secret ${namespace}/${secretName} has no key "${missing}": add it`,
    };
  }
  const version = createHash('sha256')
    .update(JSON.stringify(keysOf(auth).map((key) => data[key])))
    .digest('hex');
  return loginOf(auth, data, version, `${namespace}/${secretName}`);
}

function keysOf(auth: PlanAuth): string[] {
  switch (auth.method) {
    case 'UserPassword':
      return [auth.usernameKey, auth.passwordKey];
    case 'OAuth2':
      return ['clientId', 'clientSecret', 'refreshToken'];
    default:
      return [auth.secret.key];
  }
}

function loginOf(
  auth: PlanAuth,
  data: Readonly<Record<string, string>>,
  version: string,
  secret: string,
): LoginAnswer {
  switch (auth.method) {
    // Google shows App Passwords in groups of four; the spaces are not part of it.
    case 'AppPassword':
      return plain(auth.user, (data[auth.secret.key] ?? '').replaceAll(/\s/g, ''), version);
    case 'Password':
      return plain(auth.user, data[auth.secret.key] ?? '', version);
    case 'UserPassword':
      return plain((data[auth.usernameKey] ?? '').trim(), (data[auth.passwordKey] ?? '').trim(), version);
    case 'OAuth2': {
      const { clientId, clientSecret, refreshToken } = data;
      const oauth2 = new XOAuth2({
        user: auth.user,
        clientId,
        clientSecret,
        refreshToken,
        accessUrl: auth.tokenUrl,
      });
      return { ok: true, login: { user: auth.user, oauth2 }, version };
    }
    case 'ServiceAccount':
      return serviceAccountLogin(auth, data[auth.secret.key] ?? '', version, secret);
  }
}

function plain(user: string, pass: string, version: string): LoginAnswer {
  return { ok: true, login: { user, credentials: { user, pass } }, version };
}

function serviceAccountLogin(
  auth: Extract<PlanAuth, { method: 'ServiceAccount' }>,
  keyJson: string,
  version: string,
  secret: string,
): LoginAnswer {
  const parsed = serviceAccountKeySchema.safeParse(parseJson(keyJson));
  if (!parsed.success) {
    const message = `Secret ${secret}, key "${auth.secret.key}", is not a Google service account key: paste the JSON file that Google made`;
    return { ok: false, reason: 'CredentialsInvalid', message };
  }
  const { client_email: serviceClient, private_key: privateKey, token_uri: accessUrl } = parsed.data;
  const oauth2 = new XOAuth2({ user: auth.user, serviceClient, privateKey, scope: auth.scope, accessUrl });
  return { ok: true, login: { user: auth.user, oauth2 }, version };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
