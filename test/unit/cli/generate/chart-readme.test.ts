import { describe, expect, it } from 'vitest';
import { valueRows, withValues } from '../../../../controller/cli/generate/chart-readme.ts';

const VALUES = `# -- How it is called.
name: ""
# The pods.
pods:
  # -- How many,
  # at a time.
  replicas: 2
  # -- Of each.
  resources:
    limits: { memory: 1Gi }
`;
const README =
  '# Chart\n\n<!-- values: written by `npm run generate` from values.yaml -->\nold\n<!-- end of values -->\nEnd\n';

describe("the values in the chart's README", () => {
  it('are those of values.yaml with their comments; a map with a comment is one value', () => {
    expect(valueRows(VALUES)).toEqual([
      { path: 'name', value: '', meaning: 'How it is called.' },
      { path: 'pods.replicas', value: '2', meaning: 'How many, at a time.' },
      { path: 'pods.resources', value: '{"limits":{"memory":"1Gi"}}', meaning: 'Of each.' },
    ]);
  });

  it('replace what stood between the markers, and nothing else', () => {
    const readme = withValues(README, VALUES);
    expect(readme).toMatch(/^# Chart\n/);
    expect(readme).toMatch(/\nEnd\n$/);
    expect(readme).toContain('| `pods.replicas` | `2` | How many, at a time. |');
    expect(readme).not.toContain('old');
    expect(withValues(readme, VALUES)).toBe(readme);
  });

  it('must each have a comment', () => {
    expect(() => valueRows('name: ""\n')).toThrow('name needs a comment');
  });

  it('need their markers', () => {
    expect(() => withValues('# Chart\n', VALUES)).toThrow('is missing');
  });
});
