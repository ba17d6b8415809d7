/**
 * `muster certs`: a private CA and the certificates of all hosts, and what is
 * to be copied where.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MusterError } from '@muster/protocol';
import type { CertsFlags } from '../certs/flags.js';
import { makeCertificates } from '../certs/certificate-folder.js';
import type { CertificateResult } from '../certs/certificate-folder.js';
import {
  AUTHORITY_FOLDER,
  confusable,
  machinesFor,
} from '../certs/machines.js';
import type { CertificateHost } from '../certs/machines.js';
import { parseHostList, parseHostsFile } from '../launch/hosts.js';
import { print } from './context.js';
import type { Context } from './context.js';

/** Runs the command; gives the exit code. */
export async function certsCommand(
  flags: CertsFlags,
  { stdout, stderr }: Context,
): Promise<number> {
  const hosts = readHosts(flags);
  const [first] = hosts;
  const serverHosts = flags.serverHost?.split(',') ?? [first?.name ?? ''];
  const folder = resolve(flags.out ?? 'certs');
  for (const [name, other] of confusable(hosts)) {
    const text = `a worker of ${name ?? ''} could call itself ${other ?? ''}: other names keep them apart`;
    print(stderr, `muster: ${text}`);
  }
  const result = await makeCertificates({
    ...{ machines: machinesFor(hosts, serverHosts), folder },
    days: readDays(flags.days),
    isForced: flags.force === true,
    nowMs: Date.now(),
  });
  print(stdout, copyText(result, folder, serverHosts));
  return 0;
}

function readHosts({ hostList, hosts: file }: CertsFlags): CertificateHost[] {
  if ((hostList === undefined) === (file === undefined)) {
    throw new MusterError(
      'ERR_CONFIG',
      'muster certs needs its hosts, in one way: -H host1,host2 or --hosts hosts.yaml',
    );
  }
  if (hostList !== undefined) return parseHostList(hostList);
  const path = file ?? '';
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const message = `the hosts file ${path} cannot be read (--hosts)`;
    throw new MusterError('ERR_CONFIG', message, { cause });
  }
  return parseHostsFile(text, path);
}

function readDays(text = '365'): number {
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= 36_500) return days;
  throw new MusterError(
    'ERR_CONFIG',
    `--days: expected a whole number from 1 to 36500, got '${text}'`,
  );
}

function copyText(
  { hasNewAuthority, made, kept }: CertificateResult,
  folder: string,
  serverHosts: readonly string[],
): string {
  const authority = join(folder, AUTHORITY_FOLDER);
  const lines = made.map(({ name, isServer }) => {
    const to = isServer ? serverHosts.join(' and ') : name;
    return `  ${join(folder, name)}/ -> ${to}`;
  });
  const words = '--tls-cert tls.crt --tls-key tls.key --tls-ca ca.crt';
  return [
    `${authority}: ${hasNewAuthority ? 'a new CA; keep its key here, or offline' : 'the CA that was there'}`,
    ...kept.map(({ name }) => `${join(folder, name)}: was there, and stays`),
    'copy each folder to its machine, by a way that nobody else can read:',
    ...lines,
    `then add, with the paths there: ${words}`,
  ].join('\n');
}
