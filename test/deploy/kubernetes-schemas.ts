/**
 * Whether objects are what Kubernetes accepts, by its own published schemas
 * in their strict form: a name that they do not know is an error. They come
 * with the Python package kubernetes-validate and need no network then.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { Manifest } from './kubernetes-render.js';

const VERSION = '1.37.0';
/** The oldest and the newest Kubernetes that the manifests are for. */
export const KUBERNETES_VERSIONS = ['1.30', '1.37'] as const;

/** Kept from one run of the tests to the next. */
const CACHE = fileURLToPath(
  new URL(
    `../../node_modules/.cache/kubernetes-validate-${VERSION}`,
    import.meta.url,
  ),
);
const PROGRAM = join(CACHE, 'bin/kubernetes-validate');

/**
 * Installs the package where it is not there yet; gives why that failed.
 */
export async function missingSchemas(): Promise<string | undefined> {
  if (existsSync(PROGRAM)) return undefined;
  await rm(CACHE, { recursive: true, force: true });
  await mkdir(dirname(CACHE), { recursive: true });
  const steps: [string, ...string[]][] = [
    ['python3', '-m', 'venv', CACHE],
    [
      join(CACHE, 'bin/pip'),
      ...['install', '--quiet', '--disable-pip-version-check'],
      `kubernetes-validate==${VERSION}`,
    ],
  ];
  for (const [program, ...words] of steps) {
    const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' });
    if (status === 0) continue;
    await rm(CACHE, { recursive: true, force: true });
    const why = stderr?.trim().split('\n').at(-1) ?? 'python3 not found';
    return `kubernetes-validate ${VERSION} could not be installed: ${why}`;
  }
  return undefined;
}

/**
 * Checks objects of Kubernetes' own kinds; gives what is wrong, and for each
 * object that passed `kind/name`.
 */
export async function checkAgainstSchemas(
  folder: string,
  manifests: readonly Manifest[],
  version: string,
): Promise<{ passed: string[]; wrong: string }> {
  const path = join(folder, `objects-${version}.yaml`);
  await writeFile(path, manifests.map((one) => stringify(one)).join('---\n'));
  const { stdout, stderr } = spawnSync(
    PROGRAM,
    ['--kubernetes-version', version, '--strict', path],
    { encoding: 'utf8' },
  );
  const lines = `${stdout}\n${stderr}`.split('\n').filter(Boolean);
  const pass = /^INFO .* passed for resource (\S+) against version/;
  return {
    passed: lines.flatMap((line) => pass.exec(line)?.[1] ?? []),
    wrong: lines.filter((line) => !pass.test(line)).join('\n'),
  };
}
