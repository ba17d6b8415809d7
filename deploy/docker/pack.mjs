// Packs the programs for the images: each with the packages that it needs to
// run, in the places where they are in the repository, so that Node finds
// them as it does here.
//
//   node deploy/docker/pack.mjs [FOLDER [PART...]]      default: packed, all parts
//
// The parts build on each other: `worker` holds what a worker needs and
// `parameter-server` has not, `muster` what is left for the command.
// @ts-check
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The parts in their order, by the app that each is of. */
export const PARTS = ['parameter-server', 'worker', 'muster'];

/** What our own packages are at run time. */
const OWN = ['package.json', 'dist', 'setup', 'assets', 'native/dist'];
/** What nobody reads at run time. */
const DROPPED = /(\.map|\.d\.[cm]?ts|\.spec\.[cm]?[jt]s|\.tsbuildinfo)$/;
/** Folders of packages, with keys and certificates in some. */
const TESTS = /^(test|tests|__tests__|example|examples|docs?)$/;
/** How set-up got the native library and kernels, for `muster doctor`. */
const RECORDS = ['native.json', 'kernels.json'].map((name) =>
  join('node_modules/.cache/muster', name),
);

/**
 * The folders of packages that an app needs, its own among them: paths from
 * the root. Links of `node_modules` to our own packages are among them too.
 *
 * @param {string} app
 * @returns {Set<string>}
 */
export function packagesOf(app) {
  /** @type {Set<string>} */
  const found = new Set();
  const waiting = [join('apps', app)];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    const isLink = lstatSync(join(ROOT, at)).isSymbolicLink();
    if (isLink) waiting.push(relative(ROOT, realpathSync(join(ROOT, at))));
    else waiting.push(...dependenciesOf(at));
  }
  return found;
}

/**
 * @param {string} at folder of a package
 * @returns {string[]} the folders in which Node finds what it depends on
 */
function dependenciesOf(at) {
  const text = readFileSync(join(ROOT, at, 'package.json'), 'utf8');
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(text);
  const needed = Object.keys(dependencies).flatMap((name) => {
    const place = placeOf(name, at);
    if (place !== undefined) return [place];
    // npm lists optional ones here as well
    if (name in optionalDependencies) return [];
    throw new Error(`${at} needs ${name}, which is missing: npm run setup`);
  });
  const wanted = Object.keys(optionalDependencies).flatMap(
    (name) => placeOf(name, at) ?? [],
  );
  return [...needed, ...wanted];
}

/**
 * @param {string} name of a package
 * @param {string} from folder of the package that asks for it
 * @returns {string | undefined} where Node finds it
 */
function placeOf(name, from) {
  for (let at = from; ; at = dirname(at)) {
    const place = join(at, 'node_modules', name);
    if (existsSync(join(ROOT, place, 'package.json'))) return place;
    if (at === '.') return undefined;
  }
}

/**
 * Packs one part.
 *
 * @param {string} part
 * @param {string} folder is made
 */
function pack(part, folder) {
  if (!existsSync(join(ROOT, 'apps', part, 'dist', 'main.js'))) {
    throw new Error(`apps/${part} is not built: npm run setup`);
  }
  const before = new Set(
    PARTS.slice(0, PARTS.indexOf(part)).flatMap((one) => [...packagesOf(one)]),
  );
  for (const at of packagesOf(part)) {
    if (before.has(at)) continue;
    const isOwn = !at.split('/').includes('node_modules');
    const entries = isOwn
      ? OWN
      : readdirSync(join(ROOT, at)).filter((name) => !TESTS.test(name));
    if (lstatSync(join(ROOT, at)).isSymbolicLink()) copy(at, folder);
    else for (const name of entries) copy(join(at, name), folder);
  }
  if (part === 'muster') for (const path of RECORDS) copy(path, folder);
}

/**
 * Copies a file, a link or a folder, but no packages inside of packages: they
 * come on their own, if they are needed.
 *
 * @param {string} path from the root
 * @param {string} folder
 */
function copy(path, folder) {
  const [from, to] = [join(ROOT, path), join(folder, path)];
  const entry = lstatSync(from, { throwIfNoEntry: false });
  if (entry === undefined || DROPPED.test(path)) return;
  if (entry.isDirectory()) {
    if (basename(path) === 'node_modules') return;
    for (const name of readdirSync(from)) copy(join(path, name), folder);
    return;
  }
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 });
  if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else place(from, to, entry.mode);
}

/**
 * Everybody may read it there, whatever the mask here is. Without a second
 * copy of hundreds of megabytes where that is so already.
 *
 * @param {string} from
 * @param {string} to
 * @param {number} mode
 */
function place(from, to, mode) {
  const readable = (mode | 0o444 | ((mode & 0o100) !== 0 ? 0o111 : 0)) & 0o755;
  if (readable === (mode & 0o777)) {
    try {
      return linkSync(from, to);
    } catch {
      // another disk
    }
  }
  copyFileSync(from, to);
  chmodSync(to, readable);
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const [folder = join(ROOT, 'packed'), ...parts] = process.argv.slice(2);
  for (const part of parts.length > 0 ? parts : PARTS) {
    pack(part, join(resolve(folder), part));
  }
}
