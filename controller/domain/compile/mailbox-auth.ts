import type { PlanAuth } from '../../api/plan.ts';
import type { Mailbox } from '../../api/resource.ts';
import type { MailboxDefaults } from '../policy/provider-profile.ts';
import { blocking, type Finding } from './problem.ts';
import type { ResourceIndex } from './resource-index.ts';
import { checkSecret, type SecretReference } from './secret-reference.ts';

/** Keys of a Secret for OAuth 2, as the API documents them. */
const OAUTH2_KEYS = ['clientId', 'clientSecret', 'refreshToken'] as const;

interface DeclaredAuth {
  readonly auth: PlanAuth;
  readonly reference: SecretReference;
  readonly findings: readonly Finding[];
}

const NO_TOKEN_SERVICE = (provider: string, field: string): Finding =>
  blocking(
    field,
    'Invalid',
    `no token service is known for provider ${provider}: use appPassword or password, or the provider whose account it is`,
  );

function oauth2(mailbox: Mailbox, secretName: string, defaults: MailboxDefaults): DeclaredAuth {
  const { namespace } = mailbox.metadata;
  const { address: user, provider } = mailbox.spec;
  const tokenUrl = defaults.oauth2?.tokenUrl;
  return {
    auth: { method: 'OAuth2', user, secretName, tokenUrl: tokenUrl ?? '' },
    reference: { namespace, name: secretName, keys: OAUTH2_KEYS, field: 'spec.auth.oauth2.secretRef' },
    findings: tokenUrl === undefined ? [NO_TOKEN_SERVICE(provider, 'spec.auth.oauth2')] : [],
  };
}

function serviceAccount(
  mailbox: Mailbox,
  secret: { name: string; key: string },
  defaults: MailboxDefaults,
): DeclaredAuth {
  const { namespace } = mailbox.metadata;
  const { address: user, provider } = mailbox.spec;
  const scope = defaults.oauth2?.scope;
  const field = 'spec.auth.serviceAccount';
  return {
    auth: { method: 'ServiceAccount', user, secret, scope: scope ?? '' },
    reference: { namespace, name: secret.name, keys: [secret.key], field: `${field}.secretRef` },
    findings: scope === undefined ? [NO_TOKEN_SERVICE(provider, field)] : [],
  };
}

function declaredAuth(mailbox: Mailbox, defaults: MailboxDefaults): DeclaredAuth | undefined {
  const { auth, address: user } = mailbox.spec;
  const { namespace } = mailbox.metadata;
  const byPassword = (
    method: 'AppPassword' | 'Password',
    secret: { name: string; key: string },
  ): DeclaredAuth => ({
    auth: { method, user, secret },
    reference: {
      namespace,
      name: secret.name,
      keys: [secret.key],
      field: `spec.auth.${method === 'AppPassword' ? 'appPassword' : 'password'}.secretRef`,
    },
    findings: [],
  });
  if (auth.appPassword !== undefined) return byPassword('AppPassword', auth.appPassword.secretRef);
  if (auth.password !== undefined) return byPassword('Password', auth.password.secretRef);
  if (auth.oauth2 !== undefined) return oauth2(mailbox, auth.oauth2.secretRef.name, defaults);
  if (auth.serviceAccount !== undefined) {
    return serviceAccount(mailbox, auth.serviceAccount.secretRef, defaults);
  }
  return undefined;
}

/** How a mailbox logs in, by reference, and what is wrong with it. */
export function mailboxAuth(
  index: ResourceIndex,
  mailbox: Mailbox,
  defaults: MailboxDefaults,
): { readonly auth: PlanAuth; readonly findings: readonly Finding[] } {
  const declared = declaredAuth(mailbox, defaults);
  if (declared === undefined) {
    return {
      auth: { method: 'AppPassword', user: mailbox.spec.address, secret: { name: '', key: '' } },
      findings: [
        blocking(
          'spec.auth',
          'Invalid',
          'says no way to log in: set one of appPassword, password, oauth2, serviceAccount',
        ),
      ],
    };
  }
  return {
    auth: declared.auth,
    findings: [...checkSecret(index, declared.reference), ...declared.findings],
  };
}
