/** What both ends of the wire benchmark know. */
import { join } from 'node:path';
import { readTls } from '@muster/transport';
import type { TlsOptions } from '@muster/transport';

/** Elements of the notebook's parameters. */
export const LENGTH = 607_394;
/** Bytes of a push over a plain socket. */
export const PUSH_BYTES = 4 * LENGTH;

/** The variable that names the folder with the certificates. */
export const CERTIFICATES_VARIABLE = 'WIRE_CERTIFICATES';

/** The certificate of both ends, and the CA. */
export function certificates(): TlsOptions | undefined {
  const folder = process.env[CERTIFICATES_VARIABLE] ?? '';
  return readTls({
    cert: join(folder, 'tls.crt'),
    key: join(folder, 'tls.key'),
    ca: join(folder, 'ca.crt'),
  });
}

/** Where the answering end listens: URLs, a port, the path of a socket. */
export interface Addresses {
  readonly stackTcp: string;
  readonly stackUnix: string;
  /** `wss://…`, which asks for a certificate. */
  readonly stackTls: string;
  readonly wsTcp: string;
  readonly rawTcp: number;
  readonly rawUnix: string;
}

/** Milliseconds of each exchange, by the kind of connection. */
export interface WireTimes {
  /** A gradient there, a short answer back. */
  readonly push: Readonly<Record<string, readonly number[]>>;
  /** And the parameters back. */
  readonly both: Readonly<Record<string, readonly number[]>>;
}
