import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { reasonToSkip } from '../machine-facts.ts';
import { checkout } from '../image.ts';
import { runCommand } from '../process/command.ts';
import { manifestOf, manifestsOf } from './documents.ts';
import { chartFolder, helm, renderChart } from './helm.ts';

const golden = join(import.meta.dirname, 'golden');
const suffix = '.values.yaml';
const files = await readdir(golden);
const cases = files.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));
const values = (name: string) => ['--values', join(golden, `${name}${suffix}`)];

/** A password that helm made up is another one each time. */
const withoutGeneratedPassword = (yaml: string) => {
  const password = /^ {2}password: (\S+)$/m.exec(yaml)?.[1] ?? '';
  const isGenerated = /^[A-Za-z0-9]{32}$/.test(Buffer.from(password, 'base64').toString());
  return isGenerated ? yaml.replaceAll(/^ {2}(password|url): \S+$/gm, '  $1: GENERATED') : yaml;
};

const reason = await reasonToSkip('control-plane');

describe.skipIf(reason !== undefined)(
  `the templates of the chart${reason === undefined ? '' : ` (${reason})`}`,
  { timeout: 60_000 },
  () => {
    beforeAll(async () => await helm(['version']), 3_600_000);

    it.each(cases)('render as in golden/%s.out.yaml', async (name) => {
      const rendered = withoutGeneratedPassword(await renderChart(values(name)));
      await expect(rendered).toMatchFileSnapshot(join(golden, `${name}.out.yaml`));
    });

    it.each(cases)('pass helm lint with the values of %s', async (name) => {
      expect(await helm(['lint', '--strict', chartFolder, ...values(name)])).toContain('0 chart(s) failed');
    });

    describe('refuse values that cannot work', () => {
      it.each([
        ['operator.replicaCount=2', /replicaCount/],
        ['operator.logLevel=loud', /logLevel/],
        ['operator.watchNamespaces={Sales}', /watchNamespaces/],
        ['operator.terminationGracePeriodSeconds=1', /terminationGracePeriodSeconds/],
        ['redis.auth.password=with space', /password/],
        ['redis.appendFsync=no', /appendFsync/],
        ['image.digest=abc', /digest/],
        ['redis.enabled=false', /redis.existingSecret: name a Secret/],
        ['redis.existingSecret=ours', /set redis.enabled=false as well/],
        ['metrics.enabled=false,metrics.serviceMonitor.enabled=true', /there is no Service to scrape/],
      ])('%s', async (setting, words) => {
        await expect(renderChart(['--set', setting])).rejects.toThrow(words);
      });
    });

    it('give every object a namespace of its own, or none where the kind has none', async () => {
      const objects = manifestsOf(await renderChart(values('all-options')));
      const withoutNamespace = objects.filter(({ metadata }) => metadata.namespace === undefined);
      expect(new Set(withoutNamespace.map(({ kind }) => kind))).toEqual(
        new Set(['ClusterRole', 'ClusterRoleBinding']),
      );
    });
  },
);

describe.skipIf(reason !== undefined)('the CRDs in the chart', { timeout: 60_000 }, () => {
  let scratch: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'chart-package-'));
    await helm(['package', chartFolder, '--destination', scratch]);
    await runCommand('tar', ['-xzf', join(scratch, (await readdir(scratch))[0] ?? ''), '-C', scratch]);
  }, 3_600_000);

  afterAll(async () => await rm(scratch, { recursive: true }));

  const rendered = async (...args: string[]) =>
    manifestsOf(await helm(['template', 'mailers', join(scratch, 'mailers'), ...args])).filter(
      ({ kind }) => kind === 'CustomResourceDefinition',
    );

  it('are, in a packed chart, those of crds/ with labels, and are kept on uninstall', async () => {
    const crdFiles = (await readdir(join(checkout, 'crds'))).filter((file) => file.startsWith('mailers.io_'));
    const ours = await rendered();
    expect(ours).toHaveLength(crdFiles.length);
    for (const file of crdFiles) {
      const crd = parse(await readFile(join(checkout, 'crds', file), 'utf8')) as (typeof ours)[number];
      const { labels, annotations, ...metadata } = manifestOf(ours, crd.kind, crd.metadata.name).metadata;
      expect(manifestOf(ours, crd.kind, crd.metadata.name)['spec']).toEqual(crd['spec']);
      expect(metadata).toEqual({ name: crd.metadata.name });
      expect(labels).toMatchObject({ 'app.kubernetes.io/part-of': 'mailers' });
      expect(annotations).toEqual({ ...crd.metadata.annotations, 'helm.sh/resource-policy': 'keep' });
    }
  });

  it('may be left out, or be deleted with the release', async () => {
    expect(await rendered('--set', 'crds.enabled=false')).toEqual([]);
    const kept = (await rendered('--set', 'crds.keep=false')).filter(
      ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'] !== undefined,
    );
    expect(kept).toEqual([]);
  });
});
