import { replaceCall } from './replace-call.js';
import { tensorflow } from './tensorflow.js';
function windowsOf(input, size) {
    const [height, width] = size;
    const [batch, rows, columns, channels] = input.shape;
    const down = Math.floor(rows / height);
    const across = Math.floor(columns / width);
    return { height, width, batch, rows, columns, channels, down, across };
}
/**
 * Cuts the input into `height * width` phases in row-major order, each
 * `[batch * down, 1, across, channels]`.
 */
function phasesOf(input, w) {
    const tf = tensorflow();
    const { batch, down, across, height, width, channels } = w;
    const whole = w.rows === down * height && w.columns === across * width
        ? input
        : tf.slice(input, 0, [batch, down * height, across * width, channels]);
    const rows = tf.reshape(whole, [
        batch * down,
        height,
        across,
        width * channels,
    ]);
    const phases = [];
    for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
            const begin = [0, y, 0, x * channels];
            const size = [batch * down, 1, across, channels];
            phases.push(tf.slice(rows, begin, size));
        }
    }
    return phases;
}
/** The inverse of {@link phasesOf}; what it cut off becomes zeros. */
function joinPhases(phases, w) {
    const tf = tensorflow();
    const { batch, down, across, height, width, channels } = w;
    const rows = Array.from({ length: height }, (_, y) => tf.concat(phases.slice(y * width, (y + 1) * width), 3));
    const shape = [batch, down * height, across * width, channels];
    const joined = tf.reshape(tf.concat(rows, 1), [...shape]);
    const below = w.rows - shape[1];
    const right = w.columns - shape[2];
    if (below === 0 && right === 0)
        return joined;
    return tf.pad(joined, [
        [0, 0],
        [0, below],
        [0, right],
        [0, 0],
    ]);
}
/**
 * Gives each window's gradient to its first greatest element in row-major
 * order, TensorFlow's rule for ties.
 */
function routeGradient(phases, pooled, gradient) {
    const tf = tensorflow();
    let rest = gradient;
    // Of full shape: a scalar would be copied out to it for every phase.
    const zeros = tf.zerosLike(gradient);
    return phases.map((phase, i) => {
        if (i === phases.length - 1)
            return rest;
        const routed = tf.where(tf.equal(phase, pooled), rest, zeros);
        rest = tf.sub(rest, routed);
        return routed;
    });
}
/**
 * Max pooling of `[batch, rows, columns, channels]` over windows of
 * `size` (down, across) that touch and do not overlap; a last incomplete
 * window is left out. Differentiable; the caller disposes the result.
 */
export function phasePool(input, size) {
    const tf = tensorflow();
    const w = windowsOf(input, size);
    const shape = [
        w.batch,
        w.down,
        w.across,
        w.channels,
    ];
    const op = tf.customGrad((x, save) => {
        const phases = phasesOf(x, w);
        const pooled = phases.reduce((a, b) => tf.maximum(a, b));
        save([...phases, pooled]);
        return {
            value: tf.reshape(pooled, shape),
            gradFunc: (dy, saved) => {
                const maxima = saved.at(-1) ?? pooled;
                const gradient = tf.reshape(dy, maxima.shape);
                return joinPhases(routeGradient(saved.slice(0, -1), maxima, gradient), w);
            },
        };
    });
    return op(input);
}
/** Makes a MaxPooling2D layer pool by phases where its windows allow it. */
export function poolByPhases(layer) {
    const { poolSize, strides, padding } = layer;
    const touching = poolSize[0] === strides[0] && poolSize[1] === strides[1];
    const isWasm = tensorflow().getBackend() === 'wasm';
    if (padding !== 'valid' || !touching || isWasm)
        return;
    replaceCall(layer, (input) => phasePool(input, poolSize));
}
