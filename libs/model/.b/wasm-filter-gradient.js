import { tensorflow } from './tensorflow.js';
/**
 * Gives the inputs that one filter element meets, as a matrix
 * `[inChannels, batch * outputRows * outputColumns]`.
 */
function rowsMet(padded, move, y, x) {
    const tf = tensorflow();
    const [batch, rows, columns, channels] = padded.shape;
    const { outputRows, outputColumns, strides } = move;
    const [down, across] = strides;
    // Slices copy run by run of the last axis: pixels and channels are one.
    const met = down === 1 && across === 1
        ? tf.slice(tf.reshape(padded, [batch, rows, columns * channels]), [0, y, x * channels], [batch, outputRows, outputColumns * channels])
        : tf.stridedSlice(padded, [0, y, x, 0], [
            batch,
            y + (outputRows - 1) * down + 1,
            x + (outputColumns - 1) * across + 1,
            channels,
        ], [1, down, across, 1]);
    const pixels = batch * outputRows * outputColumns;
    // One channel: the transpose is the same memory.
    return channels === 1
        ? tf.reshape(met, [1, pixels])
        : tf.transpose(tf.reshape(met, [pixels, channels]));
}
/**
 * `dFilter[y, x, i, o] = sum over b, r, c of
 * input[b, r * stride + y, c * stride + x, i] * dOutput[b, r, c, o]`:
 * one matrix product over all filter elements at once. `input` is
 * `[batch, rows, columns, inChannels]`, `gradient` that of the output; the
 * caller disposes the result.
 */
export function filterGradient(input, gradient, attributes) {
    const tf = tensorflow();
    const { filterShape } = attributes;
    const { padInfo, outHeight, outWidth, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(input.shape, filterShape, attributes.strides, 1, attributes.pad, attributes.dimRoundingMode);
    const { top, bottom, left, right } = padInfo;
    const padded = top + bottom + left + right === 0
        ? input
        : tf.pad(input, [
            [0, 0],
            [top, bottom],
            [left, right],
            [0, 0],
        ]);
    const move = {
        strides: [strideHeight, strideWidth],
        outputRows: outHeight,
        outputColumns: outWidth,
    };
    const met = [];
    for (let row = 0; row < filterShape[0]; row += 1) {
        for (let column = 0; column < filterShape[1]; column += 1) {
            met.push(rowsMet(padded, move, row, column));
        }
    }
    const flat = tf.reshape(gradient, [-1, filterShape[3]]);
    const product = tf.matMul(tf.concat(met, 0), flat);
    return tf.reshape(product, filterShape);
}
