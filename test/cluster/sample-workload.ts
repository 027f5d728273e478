import { redisImage } from './image-names.ts';

/** Logs each request's path and answers with the pod's name. */
const answerWithHostname = `
  const { createServer } = require('node:http');
  const answer = (request, response) => { console.log(request.url); response.end(require('node:os').hostname()); };
  createServer(answer).listen(8080);`;

const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** Two web servers from the project's image behind a Service, and a Redis with a volume: what a cluster must be able to run. */
export function sampleWorkload(image: string): object {
  const web = {
    image,
    command: ['node', '-e', answerWithHostname],
    securityContext: restricted,
    readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
  };
  const redis = {
    image: redisImage,
    args: ['redis-server', '--appendonly', 'yes', '--dir', '/data'],
    securityContext: { ...restricted, runAsUser: 999 },
    readinessProbe: { exec: { command: ['redis-cli', 'ping'] }, periodSeconds: 1 },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: claim }];
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      object('apps/v1', 'Deployment', 'web', workload('web', web, 2)),
      object('v1', 'Service', 'web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] }),
      object('apps/v1', 'StatefulSet', 'redis', {
        serviceName: 'redis',
        ...workload('redis', redis, 1),
        volumeClaimTemplates,
      }),
      object('v1', 'Service', 'redis', {
        clusterIP: 'None',
        selector: { app: 'redis' },
        ports: [{ port: 6379 }],
      }),
    ],
  };
}

function object(apiVersion: string, kind: string, name: string, spec: object): object {
  return { apiVersion, kind, metadata: { name }, spec };
}

function workload(app: string, container: object, replicas: number): object {
  const containers = [{ name: app, ...container }];
  return {
    replicas,
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app } },
      spec: { automountServiceAccountToken: false, securityContext: { fsGroup: 999 }, containers },
    },
  };
}
