/** The `Range` header of HTTP (RFC 9110, 14): which bytes are asked for. */

/** Bytes `[begin, end)`. */
export interface ByteRange {
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a `Range` header for something of `length` bytes.
 * @returns the range; `unsatisfiable` when it begins behind the end; nothing
 *   where the whole is to be given: without a header, for another unit, for
 *   several ranges, and for what is no range at all.
 */
export function parseByteRange(
  header: string | undefined,
  length: number,
): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? undefined : suffix(last, length);
  const begin = Number(first);
  const end = last === '' ? length : Math.min(Number(last) + 1, length);
  if (last !== '' && Number(last) < begin) return undefined;
  return begin < length ? { begin, end } : 'unsatisfiable';
}

/** The last bytes: `bytes=-500`. */
function suffix(text: string, length: number): ByteRange | 'unsatisfiable' {
  const wanted = Math.min(Number(text), length);
  if (wanted === 0) return 'unsatisfiable';
  return { begin: length - wanted, end: length };
}
