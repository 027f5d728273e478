import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KINDS } from '../../../controller/api/kinds.ts';
import { API_GROUP, API_VERSION } from '../../../controller/api/resource-kind.ts';
import { checkObject } from '../../../controller/cli/manifests/object-check.ts';
import { createObjectSchemas } from '../../../controller/cli/manifests/object-schema.ts';
import { chartData } from './chart-files.ts';

interface Chart {
  version: string;
  appVersion: string;
  annotations: Record<string, string>;
}

interface Values {
  image: { repository: string };
  redis: { image: { repository: string; tag: string } };
}

const chart = chartData('mailers/Chart.yaml') as Chart;
const annotation = (name: string): unknown => parse(chart.annotations[`artifacthub.io/${name}`] ?? '');

describe('what the chart says about itself', () => {
  it("has the package's version", () => {
    const root = new URL('../../../package.json', import.meta.url);
    const { version } = JSON.parse(readFileSync(root, 'utf8')) as { version: string };
    expect([chart.version, chart.appVersion]).toEqual([version, version]);
  });

  it('names every kind', () => {
    const named = annotation('crds') as { kind: string; name: string; version: string }[];
    expect(named.map(({ kind, name, version }) => ({ kind, name, version }))).toEqual(
      Object.values(KINDS).map(({ kind, plural }) => ({
        kind,
        name: `${plural}.${API_GROUP}`,
        version: API_VERSION,
      })),
    );
  });

  it('names the images that it runs by default', () => {
    const { image, redis } = chartData('mailers/values.yaml') as Values;
    expect(annotation('images')).toEqual([
      { name: 'mailers', image: `${image.repository}:${chart.appVersion}` },
      { name: 'redis', image: `${redis.image.repository}:${redis.image.tag}` },
    ]);
  });

  it('shows an example that is valid', () => {
    const [example] = annotation('crdsExamples') as object[];
    expect(checkObject(example, createObjectSchemas())).toMatchObject({ verdict: 'Resource' });
  });
});
