/**
 * Events as they go over the wire: written once, whoever reads them.
 */
import type { FeedMessage } from '../feed.js';

/** One event of a stream. */
export interface EncodedEvent {
  readonly type: FeedMessage['type'];
  /** Whether a newer one of its type says all that it says. */
  readonly isReplaced: boolean;
  /** `event: TYPE`, `data: JSON`, and an empty line; shared, never changed. */
  readonly bytes: Buffer;
}

const REPLACED: ReadonlySet<FeedMessage['type']> = new Set([
  'run',
  'state',
  'pictures',
]);

/** Messages that were encoded and are still kept by somebody. */
const encoded = new WeakMap<FeedMessage, EncodedEvent>();

/** Encodes a message, which does not change any more; once for each. */
export function encodeEvent(message: FeedMessage): EncodedEvent {
  const known = encoded.get(message);
  if (known) return known;
  const { type } = message;
  const text = `event: ${type}\ndata: ${JSON.stringify(message)}\n\n`;
  const isReplaced = REPLACED.has(type);
  const event = { type, isReplaced, bytes: Buffer.from(text) };
  encoded.set(message, event);
  return event;
}
