/**
 * The images that tests run: built from this tree once, and again only when
 * something in them has changed. Needs no registry.
 */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { docker, ended, linesOf, run } from './docker.js';

/** The root of the repository, absolute. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The targets of the Dockerfile, by what tests call them. */
export const TARGETS = {
  server: 'parameter-server',
  worker: 'worker',
  muster: 'muster',
} as const;
/** One of {@link TARGETS}. */
export type ImageName = keyof typeof TARGETS;
/** Names that `docker run` takes. */
export type Images = Readonly<Record<ImageName, string>>;

/** On the images of tests: which tree they are of. */
const TREE_LABEL = 'muster.test.tree';
/** On what the classic builder keeps: others build on this engine as well. */
const STAGE = hashOf([], ROOT);
/** What is in none of the images. */
const NOT_PACKED = /(\.map|\.d\.ts|\.spec\.js|\.tsbuildinfo)$/;

let building: Promise<Images> | undefined;

/**
 * Gives the images, built where they are not there yet: then it takes
 * minutes, else tenths of a second.
 * @throws Error when they cannot be built, with all that was said.
 */
export function buildImages(): Promise<Images> {
  return (building ??= buildAll());
}

/**
 * Gives the base image: `BASE_IMAGE` of the environment, else one made by
 * `deploy/docker/base-image.sh`, which needs root.
 */
export async function baseImage(): Promise<string> {
  const given = process.env['BASE_IMAGE'];
  if (given !== undefined) return given;
  const script = join(ROOT, 'deploy', 'docker', 'base-image.sh');
  const image = `muster-base:${hashOf([script], process.version)}`;
  if (!(await isThere(image))) {
    await run(script, [image], { env: { NODE: process.execPath } });
  }
  return image;
}

async function buildAll(): Promise<Images> {
  const base = await baseImage();
  const baseId = await docker('image', 'inspect', '-f', '{{.Id}}', base);
  const key = hashOf(packedFiles(), baseId);
  const names = Object.entries(TARGETS).map(
    ([name, target]) => [name, `muster-test-${target}:${key}`] as const,
  );
  for (const [name, image] of names) {
    if (await isThere(image)) continue;
    await run(
      join(ROOT, 'deploy', 'docker', 'build.sh'),
      [
        ...[TARGETS[name as ImageName], '-t', image],
        ...['--build-arg', `BASE_IMAGE=${base}`],
        ...['--build-arg', `STAGE=${STAGE}`],
        ...['--label', `${TREE_LABEL}=${ROOT}`],
      ],
      CLASSIC_BUILDER,
    );
  }
  await removeOlder(key);
  return Object.fromEntries(names) as unknown as Images;
}

/** Which every client has. */
const CLASSIC_BUILDER = { env: { DOCKER_BUILDKIT: '0' } };

/** Images that this tree's earlier states have left. */
async function removeOlder(key: string): Promise<void> {
  const filter = `label=${TREE_LABEL}=${ROOT}`;
  const format = '{{.Repository}}:{{.Tag}}';
  const tagged = linesOf(
    await docker('images', '--filter', filter, '--format', format),
  );
  const older = tagged.filter(
    (image) => image.startsWith('muster-test-') && !image.endsWith(`:${key}`),
  );
  // what the classic builder has kept of the stage that packs
  const stages = linesOf(
    await docker(
      ...['images', '-q', '--no-trunc', '--filter', 'dangling=true'],
      ...['--filter', `label=muster.stage=${STAGE}`],
    ),
  );
  const all = [...older, ...stages];
  // one that a container of somebody else still uses stays
  if (all.length > 0) await ended('docker', ['rmi', ...all]);
}

async function isThere(image: string): Promise<boolean> {
  return (await ended('docker', ['image', 'inspect', image])).code === 0;
}

/** Everything that decides what is in the images. */
function packedFiles(): string[] {
  const projects = ['apps', 'libs'].flatMap((group) =>
    readdirSync(join(ROOT, group)).map((name) => join(ROOT, group, name)),
  );
  return [
    join(ROOT, 'package-lock.json'),
    join(ROOT, 'node_modules', '.cache', 'muster', 'native.json'),
    ...filesBelow(join(ROOT, 'deploy', 'docker')),
    ...filesBelow(join(ROOT, 'apps', 'muster', 'setup')),
    ...projects.map((project) => join(project, 'package.json')),
    ...projects.flatMap((project) => filesBelow(join(project, 'dist'))),
    ...projects.flatMap((project) => filesBelow(join(project, 'native/dist'))),
  ].filter((file) => !NOT_PACKED.test(file));
}

function filesBelow(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}

/** Twelve hex digits over names and contents, and a text. */
function hashOf(files: readonly string[], text: string): string {
  const hash = createHash('sha256').update(`${text}\0`);
  for (const file of files) {
    const bytes = readFileSync(file);
    hash.update(`${relative(ROOT, file)} ${bytes.byteLength}\0`).update(bytes);
  }
  return hash.digest('hex').slice(0, 12);
}
