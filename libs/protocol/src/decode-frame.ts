/**
 * Reads a frame that a peer sent, in four steps of rising trust: the
 * structural scan, msgpackr on the header alone, the message's schema, the
 * payload's length. Whatever the bytes, only two errors can come out.
 */
import { Unpackr } from 'msgpackr';
import type { ZodError } from 'zod';
import { MusterError } from './errors.js';
import type { FrameLimits } from './frame-limits.js';
import { scanFrame, type FrameParts } from './frame-scan.js';
import { messageSchema, type Message, type Packet } from './messages.js';
import { checkPayload } from './payload.js';

const MAX_PROBLEMS_SHOWN = 3;
const MAX_PROBLEM_CHARACTERS = 300;

const unpackr = new Unpackr({
  useRecords: false,
  structuredClone: false,
  moreTypes: false,
  mapsAsObjects: true,
  int64AsType: 'number',
});

/**
 * Decodes and checks one frame.
 *
 * @param bytes one whole frame. The packet's payload is a view into it, so
 *   whoever gets the packet owns the bytes
 * @throws MusterError ERR_FRAME_TOO_LARGE, ERR_MALFORMED_MESSAGE and nothing
 *   else
 */
export function decodeFrame(bytes: Uint8Array, limits: FrameLimits): Packet {
  const parts = scanFrame(bytes, limits);
  const message = parseMessage(unpackHeader(bytes, parts));
  if (!parts.payload) {
    checkPayload(message, undefined, 'ERR_MALFORMED_MESSAGE');
    return { message };
  }
  const payload = bytes.subarray(parts.payload.start, parts.payload.end);
  checkPayload(message, payload, 'ERR_MALFORMED_MESSAGE');
  return { message, payload };
}

/** The header's map without `pad`. The scan saw: keys are text, once each. */
function unpackHeader(
  bytes: Uint8Array,
  { headerStart, headerEnd }: FrameParts,
): Record<string, unknown> {
  try {
    const header = unpackr.unpack(
      bytes.subarray(headerStart, headerEnd),
    ) as Record<string, unknown>;
    if (typeof header['pad'] === 'string') delete header['pad'];
    return header;
  } catch (cause) {
    throw new MusterError(
      'ERR_MALFORMED_MESSAGE',
      'malformed frame: the header cannot be decoded',
      { cause },
    );
  }
}

function parseMessage(header: Record<string, unknown>): Message {
  const result = messageSchema.safeParse(header);
  if (result.success) return result.data;
  throw new MusterError(
    'ERR_MALFORMED_MESSAGE',
    `malformed message ${typeName(header)}: ${describe(result.error)}`,
  );
}

function typeName(header: Record<string, unknown>): string {
  const { type } = header;
  if (typeof type !== 'string') return 'without type';
  return /^[a-z-]{1,32}$/.test(type) ? `'${type}'` : 'of unknown type';
}

/** The first few problems, each with its place; the peer's text is cut. */
function describe(error: ZodError): string {
  const problems = error.issues
    .slice(0, MAX_PROBLEMS_SHOWN)
    .map(({ path, message }) => {
      const place = path.length > 0 ? `${path.join('.')}: ` : '';
      return place + message.charAt(0).toLowerCase() + message.slice(1);
    });
  const numHidden = error.issues.length - problems.length;
  const more = numHidden > 0 ? `; and ${numHidden} more` : '';
  return problems.join('; ').slice(0, MAX_PROBLEM_CHARACTERS) + more;
}
