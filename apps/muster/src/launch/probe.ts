/**
 * What is asked of a host before anything is put there: a script for any
 * POSIX shell, which needs neither Node nor Muster, and its answer.
 */
import { pathExpression } from './words.js';
import type { ProgramPlace } from './words.js';

/** What a host has said of itself. */
export interface ProbeAnswer {
  /** `Linux`, as `uname -s` says. */
  readonly system: string;
  /** `x86_64`, as `uname -m` says. */
  readonly machine: string;
  /** `glibc 2.36`, or `other`. */
  readonly libc: string;
  /** Its clock. Whole seconds since 1970, rounded down. */
  readonly clockSeconds: number;
  /** The first line of `node --version`, whatever it says. */
  readonly node: string;
  readonly hasRsync: boolean;
  /** The folder as an absolute path; undefined where there is none. */
  readonly folder: string | undefined;
  readonly isWritable: boolean;
  /** Bytes that its disk has free. */
  readonly freeBytes: number;
  /** Whether Muster lies in the folder, built. */
  readonly hasProgram: boolean;
}

/** Marks lines that are ours, among those of a login shell's start. */
const MARK = 'muster-probe ';

/**
 * Gives the script.
 * @param makesFolder whether the folder is made where it is missing.
 */
export function probeScript(
  { folder, node }: ProgramPlace,
  makesFolder: boolean,
): string {
  const path = pathExpression(folder);
  return [
    'umask 077',
    `say() { printf '%s\\n' "${MARK}$1=$2"; }`,
    'say system "$(uname -s)"',
    'say machine "$(uname -m)"',
    'say libc "$(getconf GNU_LIBC_VERSION 2>&1 || echo other)"',
    'say clock "$(date +%s)"',
    `say node "$(${pathExpression(node)} --version 2>&1 | head -n 1)"`,
    'say rsync "$(command -v rsync)"',
    ...(makesFolder ? [`mkdir -p ${path}`] : []),
    `if cd ${path}; then`,
    '  say folder "$(pwd -P)"',
    '  say writable "$(test -w . && echo yes)"',
    `  say free "$(df -Pk . | awk 'NR == 2 { print $4 }')"`,
    '  say program "$(test -f apps/muster/dist/main.js && echo yes)"',
    'fi',
    'say done yes',
    '',
  ].join('\n');
}

/** Reads what the script printed; undefined where it did not come to its end. */
export function probeAnswer(printed: string): ProbeAnswer | undefined {
  const said = new Map(
    printed.split('\n').flatMap((line): [string, string][] => {
      if (!line.startsWith(MARK)) return [];
      const [name = '', ...value] = line.slice(MARK.length).split('=');
      return [[name, value.join('=').trim()]];
    }),
  );
  if (said.get('done') !== 'yes') return undefined;
  const text = (name: string) => said.get(name) ?? '';
  const libc = text('libc');
  return {
    system: text('system'),
    machine: text('machine'),
    libc: libc.startsWith('glibc ') ? libc : 'other',
    clockSeconds: Number(text('clock')),
    node: text('node'),
    hasRsync: text('rsync') !== '',
    folder: text('folder') || undefined,
    isWritable: text('writable') === 'yes',
    freeBytes: Number(text('free')) * 1024,
    hasProgram: text('program') === 'yes',
  };
}
