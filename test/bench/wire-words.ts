/** What both ends of the wire benchmark know. */

/** Elements of the notebook's parameters. */
export const LENGTH = 607_394;
/** Bytes of a push over a plain socket. */
export const PUSH_BYTES = 4 * LENGTH;

/** Where the answering end listens: URLs, a port, the path of a socket. */
export interface Addresses {
  readonly stackTcp: string;
  readonly stackUnix: string;
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
