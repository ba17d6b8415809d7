/** Memory in which the native library and wide vectors work in place. */

const PAGE_BYTES = 65_536;

/**
 * Makes a buffer of at least so many bytes, zeros. WebAssembly's memory begins
 * at a page, which no other buffer promises.
 */
export function alignedMemory(bytes: number): ArrayBuffer {
  const initial = Math.ceil(bytes / PAGE_BYTES);
  const memory = new WebAssembly.Memory({ initial, maximum: initial });
  return memory.buffer;
}

/**
 * Makes float32 `[length]` zeros whose address is a multiple of 64 bytes, in a
 * buffer of their own.
 */
export function alignedFloats(length: number): Float32Array {
  return new Float32Array(alignedMemory(4 * length), 0, length);
}
