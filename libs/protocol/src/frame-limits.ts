/**
 * How large and how deep a frame may be before it is refused unread. The
 * limits bound what one hostile frame can cost; the defaults let through
 * every message that the schemas allow.
 */

/** Bounds of one frame. All are inclusive. */
export interface FrameLimits {
  /**
   * Bytes of the header map. Default 32,768, range 64 to 1,048,576. The
   * longest legal header is `joined` with 32 shards of 3 URLs of 200
   * characters (ASCII): 20,666 bytes. Raise it only together with the schemas.
   */
  readonly maxHeaderBytes: number;
  /**
   * msgpack values in the header: every key, scalar, list and map counts one.
   * Default 512; the longest `joined` has 335.
   */
  readonly maxHeaderNodes: number;
  /**
   * Lists and maps inside one another, the frame's own list included.
   * Default 5: frame, header, `shards`, one shard, `urls`.
   */
  readonly maxHeaderDepth: number;
  /**
   * Bytes of the payload. Default 64 MiB; a run should set what its slices
   * have: 4 bytes an element, and enough for the run definition's JSON.
   */
  readonly maxPayloadBytes: number;
}

/** The defaults; see {@link FrameLimits}. */
export const DEFAULT_FRAME_LIMITS: FrameLimits = Object.freeze({
  maxHeaderBytes: 32_768,
  maxHeaderNodes: 512,
  maxHeaderDepth: 5,
  maxPayloadBytes: 64 * 1024 * 1024,
});

/** Bytes beside header and payload: the frame's list (up to 5), `bin` (5). */
const MAX_FRAMING_BYTES = 10;

/** Length of the longest frame that can pass these limits, in bytes. */
export function maxFrameBytes(limits: FrameLimits): number {
  return limits.maxHeaderBytes + limits.maxPayloadBytes + MAX_FRAMING_BYTES;
}
