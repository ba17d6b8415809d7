/**
 * The words that the system's own `ssh` and `rsync` are called with: the
 * user's configuration, agent, known hosts and jump hosts all count.
 */
import type { Host } from './hosts.js';
import { commandLine } from './words.js';

/** What is the same for all hosts. */
export interface SshOptions {
  /** Another configuration than the user's; absolute. */
  readonly config?: string | undefined;
  /** How long a host may take to be reached. Seconds, from 1. */
  readonly connectTimeoutSeconds: number;
}

/** No question is ever asked: nobody is there to answer it. */
function sshOptionWords(
  { port }: Host,
  { config, connectTimeoutSeconds }: SshOptions,
): string[] {
  return [
    ...(config === undefined ? [] : ['-F', config]),
    ...['-T', '-o', 'BatchMode=yes'],
    ...['-o', `ConnectTimeout=${connectTimeoutSeconds}`],
    ...(port === undefined ? [] : ['-p', String(port)]),
  ];
}

/**
 * Words by which a person has a port of a host's loopback interface on this
 * machine's, under the same number.
 * @param to as in a URL: an IPv6 address in brackets.
 */
export function forwardWords(
  { name, user, port }: Host,
  { config }: SshOptions,
  to: { readonly port: string; readonly hostname: string },
): string[] {
  return [
    ...['ssh', ...(config === undefined ? [] : ['-F', config])],
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
    ...['-N', '-L', `${to.port}:${to.hostname}:${to.port}`, '--', name],
  ];
}

/** Words that run `command` on a host; it is read by the login shell there. */
export function sshWords(
  host: Host,
  options: SshOptions,
  command: string,
): string[] {
  const { user, name } = host;
  return [
    ...['ssh', ...sshOptionWords(host, options)],
    ...(user === undefined ? [] : ['-l', user]),
    ...['--', name, command],
  ];
}

/** Words that print what ssh makes of a host, without a connection. */
export function resolveWords(host: Host, options: SshOptions): string[] {
  const { user, name } = host;
  return [
    ...['ssh', '-G', ...sshOptionWords(host, options)],
    ...(user === undefined ? [] : ['-l', user]),
    ...['--', name],
  ];
}

/** The address in what `ssh -G` printed. */
export function addressIn(printed: string): string | undefined {
  return /^hostname (\S+)$/m.exec(printed)?.[1];
}

/** One end of a copy. */
export interface CopyPlace {
  /** The host; this machine when it is not set. */
  readonly host?: Host;
  /** Absolute, or from `~/` on at a host. */
  readonly path: string;
}

/**
 * Words that copy files by rsync over ssh. Owners are not carried over: who
 * logs in owns what is made there.
 * @param more further options.
 */
export function rsyncWords(
  from: CopyPlace,
  to: CopyPlace,
  options: SshOptions,
  more: readonly string[] = [],
): string[] {
  const host = from.host ?? to.host;
  const shell = host
    ? ['-e', commandLine(['ssh', ...sshOptionWords(host, options)])]
    : [];
  return [
    ...['rsync', '-rlpt', '--secluded-args', '--partial', ...more, ...shell],
    ...['--', placeWord(from), placeWord(to)],
  ];
}

/** rsync takes a path at a host that is not absolute as one below its home. */
function placeWord({ host, path }: CopyPlace): string {
  if (host === undefined) return path;
  const { user, name } = host;
  const login = user === undefined ? '' : `${user}@`;
  const there = name.includes(':') ? `[${name}]` : name;
  return `${login}${there}:${path.replace(/^~\/?/, '')}`;
}
