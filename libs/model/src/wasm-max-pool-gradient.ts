/**
 * The gradient of max pooling, in JavaScript. That of the WASM backend 4.22
 * takes maxima from zero up: a window of negative numbers gets no gradient.
 */

/** A pooling over `[batch, rows, columns, channels]`; `Conv2DInfo` has these. */
export interface Pooling {
  readonly batchSize: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

/** Offsets in the input of one window's elements, row by row, inside only. */
function windowOffsets(
  pooling: Pooling,
  batch: number,
  row: number,
  column: number,
): number[] {
  const { inHeight, inWidth, inChannels, filterHeight, filterWidth } = pooling;
  const top = row * pooling.strideHeight - pooling.padInfo.top;
  const left = column * pooling.strideWidth - pooling.padInfo.left;
  const offsets: number[] = [];
  for (
    let y = Math.max(0, top);
    y < Math.min(inHeight, top + filterHeight);
    y += 1
  ) {
    for (
      let x = Math.max(0, left);
      x < Math.min(inWidth, left + filterWidth);
      x += 1
    ) {
      offsets.push(((batch * inHeight + y) * inWidth + x) * inChannels);
    }
  }
  return offsets;
}

/**
 * Adds each output's gradient to the first greatest element of its window, in
 * row-major order.
 *
 * @param input float32 `[batch, rows, columns, channels]`
 * @param gradient of the output, float32
 * @param into of `input`'s length, all zeros
 */
export function maxPoolGradient(
  input: Float32Array,
  gradient: Float32Array,
  pooling: Pooling,
  into: Float32Array,
): void {
  const { batchSize, outHeight, outWidth, inChannels } = pooling;
  let output = 0;
  for (let batch = 0; batch < batchSize; batch += 1) {
    for (let row = 0; row < outHeight; row += 1) {
      for (let column = 0; column < outWidth; column += 1) {
        const offsets = windowOffsets(pooling, batch, row, column);
        for (let channel = 0; channel < inChannels; channel += 1) {
          let best = (offsets[0] ?? 0) + channel;
          for (const offset of offsets) {
            const at = offset + channel;
            if ((input[at] ?? 0) > (input[best] ?? 0)) best = at;
          }
          into[best] = (into[best] ?? 0) + (gradient[output] ?? 0);
          output += 1;
        }
      }
    }
  }
}
