/**
 * The certificates that `muster certs` has made, read here and checked before
 * any host hears of them.
 */
import { join } from 'node:path';
import { MusterError } from '@muster/protocol';
import { readTls } from '@muster/transport';
import type { Host } from './hosts.js';
import type { HostSecrets, TlsTexts } from './orders.js';

/** The folder of the servers' certificate, whichever their host is. */
const SERVER_FOLDER = 'server';

/** See the head of this file. */
export class HostCertificates {
  readonly #server: TlsTexts | undefined;
  readonly #workers = new Map<string, TlsTexts>();

  /**
   * @param folder that of `muster certs`; without one there are none.
   * @throws MusterError `ERR_CONFIG` when one is missing or cannot be used,
   *   `ERR_TLS` when its time is over.
   */
  constructor(folder: string | undefined, hosts: readonly Host[]) {
    if (folder === undefined) return;
    this.#server = readTexts(join(folder, SERVER_FOLDER));
    for (const { name, slots } of hosts) {
      if (slots > 0) this.#workers.set(name, readTexts(join(folder, name)));
    }
  }

  /** What a host is given. */
  of(host: Host, isServer: boolean): Omit<HostSecrets, 'token'> {
    const workerTls = this.#workers.get(host.name);
    return {
      ...(isServer && this.#server && { serverTls: this.#server }),
      ...(workerTls && { workerTls }),
    };
  }
}

function readTexts(folder: string): TlsTexts {
  const [cert, key, ca] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) =>
    join(folder, name),
  );
  const tls = readTls({ cert, key, ca });
  if (tls?.cert !== undefined && tls.key !== undefined && tls.ca !== undefined)
    return { cert: tls.cert, key: tls.key, ca: tls.ca };
  throw new MusterError(
    'ERR_CONFIG',
    `${folder} holds no certificate: expected a folder of muster certs (--certs)`,
  );
}
