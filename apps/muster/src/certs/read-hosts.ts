/**
 * The hosts that certificates are made for: from `-H a:1,b:2`, or from the
 * hosts file of `muster launch`. How many workers a host has, and who logs in
 * there, plays no part here.
 */
import { MusterError } from '@muster/protocol';
import { parse } from 'yaml';
import { z } from 'zod';
import type { CertificateHost } from './machines.js';

const ITEM = /^(?:[^@]*@)?([^:[\]@]+)(?::\d+)?$/;

const fileSchema = z.object({
  hosts: z
    .array(
      z.union([
        z.string(),
        z.object({ host: z.string(), address: z.string().optional() }),
      ]),
    )
    .min(1),
});

/**
 * Reads `-H`: `host`, `host:workers` or `user@host:workers`, commas between.
 * @throws MusterError ERR_CONFIG
 */
export function hostsInList(text: string): CertificateHost[] {
  return distinct(text.split(',').map((item) => hostOf(item, '-H')));
}

/**
 * Reads the text of a hosts file.
 * @param name of the file, for messages.
 * @throws MusterError ERR_CONFIG
 */
export function hostsInFile(text: string, name: string): CertificateHost[] {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw unusable(name, 'it is not YAML', cause);
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) =>
      [path.join('.'), message].filter((part) => part !== '').join(': '),
    );
    throw unusable(name, problems.join('; '), parsed.error);
  }
  const { hosts } = parsed.data;
  return distinct(
    hosts.map((entry) =>
      typeof entry === 'string'
        ? hostOf(entry, name)
        : { name: entry.host, address: entry.address },
    ),
  );
}

function hostOf(item: string, from: string): CertificateHost {
  const name = ITEM.exec(item.trim())?.[1];
  if (name !== undefined) return { name };
  throw new MusterError(
    'ERR_CONFIG',
    `expected host, host:workers or user@host:workers, got '${item}' (${from})`,
  );
}

function distinct(hosts: readonly CertificateHost[]): CertificateHost[] {
  return hosts.filter(
    ({ name }, at) => hosts.findIndex((other) => other.name === name) === at,
  );
}

function unusable(name: string, why: string, cause: unknown): MusterError {
  return new MusterError(
    'ERR_CONFIG',
    `the hosts file ${name} is not usable: ${why} (--hosts)`,
    { cause },
  );
}
