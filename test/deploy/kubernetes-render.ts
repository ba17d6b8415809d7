/**
 * The manifests of `deploy/kubernetes` as the cluster would get them:
 * rendered by the real Kustomize, out of a copy that has its secrets.
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/** A Kubernetes object, as far as tests look into it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

const SOURCE = fileURLToPath(
  new URL('../../deploy/kubernetes', import.meta.url),
);
/** Programs that render: the words for it, and for their version. */
const RENDERERS = [
  { render: ['kustomize', 'build'], version: ['kustomize', 'version'] },
  {
    render: ['kubectl', 'kustomize'],
    version: ['kubectl', 'version', '--client'],
  },
] as const;
/** The first that knows components and patches as they are written here. */
const OLDEST = 5;

/** Why nothing can be rendered here; undefined where it can. */
export function missingKustomize(): string | undefined {
  return renderer() === undefined
    ? 'no Kustomize 5 found: install kustomize, or kubectl 1.27 or newer'
    : undefined;
}

/** Every folder that can be given to `kubectl apply -k`. */
export async function renderable(): Promise<string[]> {
  const overlays = await readdir(join(SOURCE, 'overlays'));
  return ['base', ...overlays.sort().map((name) => `overlays/${name}`)];
}

/**
 * Copies the manifests and makes the secrets that a person makes.
 * @param secrets files by their path below `deploy/kubernetes`.
 */
export async function copyWithSecrets(
  folder: string,
  secrets: Readonly<Record<string, string>>,
): Promise<void> {
  await cp(SOURCE, folder, { recursive: true });
  for (const [path, text] of Object.entries(secrets)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/**
 * Renders a folder of the copy.
 * @throws Error with what Kustomize says.
 */
export function render(folder: string, part: string): string {
  const [program = '', ...words] = renderer() ?? [];
  const { stdout, stderr, status } = spawnSync(
    program,
    [...words, join(folder, part)],
    { encoding: 'utf8' },
  );
  if (status === 0 && stderr === '') return stdout;
  throw new Error(`${program} ${part}: ${stderr}`);
}

/** Reads what was rendered. */
export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text).map((one) => one.toJS() as Manifest);
}

function renderer(): readonly string[] | undefined {
  const found = RENDERERS.find(({ version: [program, ...words] }) => {
    const { stdout } = spawnSync(program, words, { encoding: 'utf8' });
    const version = /(?:^|Kustomize Version: )v(\d+)\./m.exec(
      stdout ?? '',
    )?.[1];
    return Number(version ?? 0) >= OLDEST;
  });
  return found?.render;
}
