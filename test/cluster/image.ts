import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFileLock } from './build/file-lock.ts';
import { appImage } from './image-names.ts';
import { buildImage, exportImage, imageFolder, pruneImages } from './images/buildah.ts';
import { fingerprint } from './images/fingerprint.ts';
import { ensureNodeBase, stockArchives } from './images/stock-images.ts';
import { runCommand } from './process/command.ts';

/** The root of the project, where the Dockerfile is. */
export const checkout = join(import.meta.dirname, '..', '..');

/** All that the Dockerfile reads. */
const inputs = ['Dockerfile', '.dockerignore', 'package.json', 'package-lock.json', 'controller'] as const;

/**
 * Builds the project's image from its Dockerfile, and the stock images it runs beside, without a registry or an engine.
 * What has not changed is not built again. Needs root, the packages of `ensureDebianPackages` and the binary `pause`.
 * @returns the paths of the image archives, the project's own first.
 */
export async function buildArchives(report: (line: string) => void): Promise<string[]> {
  return await withFileLock(join(imageFolder(), 'lock'), async () => {
    return [await appArchive(report), ...(await stockArchives(report))];
  });
}

async function appArchive(report: (line: string) => void): Promise<string> {
  const archive = join(imageFolder(), 'mailers.tar');
  const note = `${archive}.made-of`;
  const madeOf = `${appImage} ${fingerprint(checkout, inputs, process.versions.node)}`;
  if (existsSync(archive) && existsSync(note) && readFileSync(note, 'utf8') === madeOf) return archive;
  await ensureNodeBase(report);
  report(`Building ${appImage}`);
  await buildImage({
    name: appImage,
    file: join(checkout, 'Dockerfile'),
    context: checkout,
    volumes: await npmVolumes(),
  });
  await exportImage(appImage, archive);
  await pruneImages();
  writeFileSync(note, madeOf);
  return archive;
}

/** `npm ci` in the build uses the registry, and trusts the certificates, that npm on this machine does. */
async function npmVolumes(): Promise<string[]> {
  const registry = (await runCommand('npm', ['config', 'get', 'registry'], { cwd: checkout })).trim();
  const certificates = '/etc/ssl/certs';
  const bundle = join(certificates, 'ca-certificates.crt');
  const hasBundle = existsSync(bundle);
  const npmrc = join(imageFolder(), 'npmrc');
  writeFileSync(npmrc, `registry=${registry}\n${hasBundle ? `cafile=${bundle}\n` : ''}`);
  return [`${npmrc}:/root/.npmrc:ro`, ...(hasBundle ? [`${certificates}:${certificates}:ro`] : [])];
}
