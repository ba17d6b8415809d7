/**
 * What of a prepared checkout is needed to run it: the built apps and
 * libraries, and the packages that they use, with the native library among
 * them; not the tools that build and test.
 */
import { lstatSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** The apps whose packages are needed. */
const APPS = ['apps/muster', 'apps/parameter-server', 'apps/worker'];
/** Beside what the apps are made of: what they look at themselves. */
const FURTHER = [
  'package.json',
  'apps/muster/bin',
  'apps/muster/setup',
  'node_modules/.package-lock.json',
  'node_modules/.cache/muster',
];

/** What nobody reads who only runs it, for rsync. */
export const NOT_NEEDED: readonly string[] = [
  '*.map',
  '*.d.ts',
  '*.spec.js',
  '*.tsbuildinfo',
];

/**
 * Lists files and folders (with all in them), relative to the root. Links to
 * our own packages are in it as links.
 */
export function programFiles(root: string): string[] {
  const closure = new Closure(root);
  for (const app of APPS) closure.addOwn(join(root, app));
  for (const path of FURTHER) closure.add(join(root, path));
  return closure.paths;
}

/** The bytes of files and folders below a root; links count nothing. */
export function bytesOf(root: string, paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + sizeOf(join(root, path)), 0);
}

class Closure {
  readonly #root: string;
  readonly #paths = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  get paths(): string[] {
    return [...this.#paths].sort();
  }

  /** Adds a path if there is such a thing. */
  add(path: string): void {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    this.#paths.add(relative(this.#root, path).split(sep).join('/'));
  }

  /** Adds a package of this workspace, as far as it is built. */
  addOwn(folder: string): void {
    if (this.#seen.has(folder)) return;
    this.#seen.add(folder);
    this.add(join(folder, 'package.json'));
    this.add(join(folder, 'dist'));
    this.add(join(folder, 'native/dist'));
    this.#addDependencies(folder);
  }

  #addDependencies(folder: string): void {
    const manifest = readManifest(join(folder, 'package.json'));
    const names = new Set([
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.optionalDependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
    ]);
    for (const name of names) this.#addPackage(name, folder);
  }

  /** Looks where Node would: beside the package, then further and further up. */
  #addPackage(name: string, from: string): void {
    for (let folder = from; ; folder = dirname(folder)) {
      const path = join(folder, 'node_modules', name);
      const found = lstatSync(path, { throwIfNoEntry: false });
      if (found !== undefined)
        return this.#addFound(path, found.isSymbolicLink());
      // an optional package may not be there
      if (folder === this.#root || dirname(folder) === folder) return;
    }
  }

  #addFound(path: string, isLink: boolean): void {
    if (this.#seen.has(path)) return;
    this.#seen.add(path);
    this.add(path);
    if (!isLink) return this.#addDependencies(path);
    const name = path.slice(path.lastIndexOf(sep) + 1);
    for (const kind of ['apps', 'libs']) {
      const own = join(this.#root, kind, name);
      if (statSync(own, { throwIfNoEntry: false })) this.addOwn(own);
    }
  }
}

type Names = Readonly<Record<string, string>>;
interface Manifest {
  readonly dependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

function sizeOf(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.isFile() ? found.size : 0;
  const names = readdirSync(path);
  return names.reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
