import { createHash } from 'node:crypto';
import { RECONCILE_AT } from '../../api/conditions.ts';
import type { Campaign } from '../../api/resource.ts';
import type { AudienceRequest } from '../../domain/compile/compilation.ts';
import type { Intent } from '../kube/resource.ts';
import { importLabels, ownedBy } from './object-labels.ts';
import { objectName } from './object-name.ts';
import { CONTAINER_SECURITY, POD_SECURITY } from './pod-security.ts';
import { ledgerEnvironment } from './sender-deployment.ts';
import type { PodSettings } from './sender-settings.ts';

const AUDIENCE_DIRECTORY = '/var/run/mailers/audience';
/** A ledger that is away for a moment is worth another try, a wrong audience is not. */
const MOST_TRIES = 3;
const LONGEST_IMPORT_SECONDS = 3600;

/** An audience in a Secret, in the version that is to be read. */
export interface SecretAudience {
  readonly request: AudienceRequest;
  readonly secret: { readonly name: string; readonly key: string; readonly resourceVersion: string };
}

/**
 * Name of the Job that reads this version of the audience for this campaign into this ledger: equal work has one name. What was read into a
 * ledger that is lost is read again.
 */
export function importJobName(
  campaign: Campaign,
  { request, secret }: SecretAudience,
  ledgerId: string,
): string {
  const { key, format, emailColumn } = request;
  const work = [campaign.metadata.uid, key.pool, secret, format, emailColumn, ledgerId];
  const hash = createHash('sha256').update(JSON.stringify(work)).digest('hex').slice(0, 10);
  // The Job's pods add six characters to the name.
  return `${objectName(`${campaign.metadata.name}-import`)}-${hash}`;
}

/**
 * The Job that reads an audience which the operator must not see. It stays when it is done: it is the note that this version of the Secret
 * has been read. The next version's Job takes its place.
 */
export function importJob(campaign: Campaign, audience: SecretAudience, settings: PodSettings): Intent {
  const { name, namespace } = campaign.metadata;
  const labels = importLabels(name);
  const asked = campaign.metadata.annotations?.[RECONCILE_AT];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: importJobName(campaign, audience, settings.ledgerId),
      namespace,
      labels,
      // What was asked for before this Job was made is no reason to repeat it.
      ...(asked === undefined ? {} : { annotations: { [RECONCILE_AT]: asked } }),
      ...ownedBy(campaign),
    },
    spec: {
      backoffLimit: MOST_TRIES,
      activeDeadlineSeconds: LONGEST_IMPORT_SECONDS,
      template: { metadata: { labels }, spec: podSpec(audience, settings) },
    },
  };
}

function podSpec({ request, secret }: SecretAudience, settings: PodSettings): object {
  const { key, format, emailColumn } = request;
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: POD_SECURITY,
    containers: [
      {
        name: 'import',
        image: settings.image,
        imagePullPolicy: 'IfNotPresent',
        args: [
          'import',
          '--campaign',
          `${key.namespace}/${key.pool}/${key.campaign}`,
          '--file',
          `${AUDIENCE_DIRECTORY}/${secret.key}`,
          '--format',
          format,
          '--email-column',
          emailColumn,
        ],
        env: ledgerEnvironment(settings),
        resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '1Gi' } },
        securityContext: CONTAINER_SECURITY,
        // What the import says at its end or of its failure is kept where people look.
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [{ name: 'audience', mountPath: AUDIENCE_DIRECTORY, readOnly: true }],
      },
    ],
    volumes: [
      {
        name: 'audience',
        secret: { secretName: secret.name, items: [{ key: secret.key, path: secret.key }] },
      },
    ],
  };
}
