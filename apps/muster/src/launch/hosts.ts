/**
 * The hosts that a training is launched on: from `-H a:1,b:2`, or from a
 * hosts file.
 */
import { MusterError } from '@muster/protocol';
import { parse } from 'yaml';
import { z } from 'zod';

/** One host, as ssh and the other hosts reach it. */
export interface Host {
  /** What ssh is given: a name, an address, or an alias of its config. */
  readonly name: string;
  /** Workers that it runs. From 0: a host of servers only. */
  readonly slots: number;
  /** Who logs in; ssh's own choice when it is not set. */
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** Under which the other hosts reach it; what ssh resolves to if not set. */
  readonly address?: string | undefined;
  /** Where Muster lies, absolute or from `~/` on. */
  readonly folder?: string | undefined;
  /** Path of its Node. Default: `node`, as its PATH finds it. */
  readonly node?: string | undefined;
}

/** The most workers of one host. */
const MAX_SLOTS = 1024;
/** A word that ssh cannot take for an option. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const IPV6 = /^[0-9A-Fa-f]*:[0-9A-Fa-f:.]+(?:%[A-Za-z0-9_.-]+)?$/;
const ITEM = /^(?:([^@]*)@)?(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/;

const isHostName = (text: string) => NAME.test(text) || IPV6.test(text);
const hostName = z.string().refine(isHostName, {
  message: 'expected the name or the address of a host',
});
const path = z.string().regex(/^(?:\/|~\/|~$)[^\0\n]*$/, {
  message: 'expected a path from / or ~/ on',
});

const entrySchema = z.strictObject({
  host: hostName,
  slots: z.int().min(0).max(MAX_SLOTS).default(1),
  user: z.string().regex(NAME).optional(),
  port: z.int().min(1).max(65_535).optional(),
  address: hostName.optional(),
  folder: path.optional(),
  node: path.optional(),
});
const fileSchema = z.strictObject({
  hosts: z.array(z.union([z.string(), entrySchema])).min(1),
});

/**
 * Reads `-H`: hosts with a comma between, each `host`, `host:workers`,
 * `user@host:workers` or `[IPv6]:workers`; one worker where no number stands.
 * @throws MusterError `ERR_CONFIG`.
 */
export function parseHostList(text: string): Host[] {
  return distinct(text.split(',').map((item) => parseItem(item, '-H')));
}

/**
 * Reads the text of a hosts file: YAML, `hosts:` with a list of texts as in
 * `-H`, or of maps with `host` and what {@link Host} has beside.
 * @param name of the file, for messages.
 * @throws MusterError `ERR_CONFIG` that names every problem.
 */
export function parseHostsFile(text: string, name: string): Host[] {
  const parsed = fileSchema.safeParse(yamlOf(text, name));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path: at, message }) =>
      [at.join('.'), message].filter((part) => part !== '').join(': '),
    );
    throw new MusterError(
      'ERR_CONFIG',
      `the hosts file ${name} is not usable: ${problems.join('; ')} (--hosts)`,
    );
  }
  return distinct(
    parsed.data.hosts.map((entry) => {
      if (typeof entry === 'string') return parseItem(entry, name);
      const { host, ...rest } = entry;
      return { name: host, ...rest };
    }),
  );
}

function yamlOf(text: string, name: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError(
      'ERR_CONFIG',
      `the hosts file ${name} is not YAML: ${reason} (--hosts)`,
      { cause },
    );
  }
}

function parseItem(item: string, from: string): Host {
  const [, user, ipv6, plain, slotsText] = ITEM.exec(item.trim()) ?? [];
  const name = ipv6 ?? plain ?? '';
  const slots = slotsText === undefined ? 1 : wholeNumber(slotsText);
  const isUsable =
    isHostName(name) &&
    (ipv6 === undefined || IPV6.test(ipv6)) &&
    (user === undefined || NAME.test(user)) &&
    slots <= MAX_SLOTS;
  if (isUsable) return { name, slots, ...(user !== undefined && { user }) };
  throw new MusterError(
    'ERR_CONFIG',
    `expected host, host:workers or user@host:workers with up to ${MAX_SLOTS} workers, got '${item}' (${from})`,
  );
}

/** Infinity where the text is no whole number. */
function wholeNumber(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : Infinity;
}

/** Two entries of one host would share its folder and its workers' names. */
function distinct(hosts: readonly Host[]): Host[] {
  const names = hosts.map(({ name }) => name);
  const double = names.find((name, at) => names.indexOf(name) !== at);
  if (double === undefined) return [...hosts];
  throw new MusterError(
    'ERR_CONFIG',
    `host '${double}' is named twice: give the sum of its workers once`,
  );
}
