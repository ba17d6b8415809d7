/** What both ends of the wire benchmark know. */

/** Elements of the notebook's parameters. */
export const LENGTH = 607_394;
/** Bytes of a push over a plain socket. */
export const PUSH_BYTES = 4 * LENGTH;
