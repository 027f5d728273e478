import { basename } from 'node:path';
import type { GeneratedFile } from './generated-file.ts';

/** Where the chart's template `crds.yaml` looks. A chart is packed from its own folder, so it carries copies. */
const CHART_CRDS = 'charts/mailers/files/crds';

/** The chart's copies of the CRD files, byte for byte. */
export function chartCrdFiles(crds: readonly GeneratedFile[]): GeneratedFile[] {
  return crds.map(({ path, content }) => ({ path: `${CHART_CRDS}/${basename(path)}`, content }));
}
