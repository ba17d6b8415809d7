/**
 * Max pooling over windows that do not overlap, by phases: the window's first
 * elements of all windows make one tensor, the second ones another, and so on.
 * TensorFlow's own gradient of max pooling took half of a training step. On
 * the WASM backend slices are slow and the gradient is ours: not used there.
 */
import type { Rank, Tensor, Tensor4D, layers } from '@tensorflow/tfjs';
import { replaceCall } from './replace-call.js';
import { tensorflow } from './tensorflow.js';

type Shape4D = [number, number, number, number];

/** Windows of `height` x `width` on input `[batch, rows, columns, channels]`. */
interface Windows {
  readonly height: number;
  readonly width: number;
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  /** Windows down, without a last incomplete one. */
  readonly down: number;
  /** Windows across, without a last incomplete one. */
  readonly across: number;
}

function windowsOf(input: Tensor4D, size: readonly [number, number]): Windows {
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
function phasesOf(input: Tensor4D, w: Windows): Tensor4D[] {
  const tf = tensorflow();
  const { batch, down, across, height, width, channels } = w;
  const whole =
    w.rows === down * height && w.columns === across * width
      ? input
      : tf.slice(input, 0, [batch, down * height, across * width, channels]);
  const rows = tf.reshape<Rank.R4>(whole, [
    batch * down,
    height,
    across,
    width * channels,
  ]);
  const phases: Tensor4D[] = [];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const begin: Shape4D = [0, y, 0, x * channels];
      const size: Shape4D = [batch * down, 1, across, channels];
      phases.push(tf.slice(rows, begin, size));
    }
  }
  return phases;
}

/** The inverse of {@link phasesOf}; what it cut off becomes zeros. */
function joinPhases(phases: readonly Tensor[], w: Windows): Tensor4D {
  const tf = tensorflow();
  const { batch, down, across, height, width, channels } = w;
  const rows = Array.from({ length: height }, (_, y) =>
    tf.concat(phases.slice(y * width, (y + 1) * width), 3),
  );
  const shape: Shape4D = [batch, down * height, across * width, channels];
  const joined = tf.reshape<Rank.R4>(tf.concat(rows, 1), shape);
  const below = w.rows - shape[1];
  const right = w.columns - shape[2];
  if (below === 0 && right === 0) return joined;
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
function routeGradient(
  phases: readonly Tensor[],
  pooled: Tensor,
  gradient: Tensor,
): Tensor[] {
  const tf = tensorflow();
  let rest = gradient;
  // Of full shape: a scalar would be copied out to it for every phase.
  const zeros = tf.zerosLike(gradient);
  return phases.map((phase, i) => {
    if (i === phases.length - 1) return rest;
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
export function phasePool(
  input: Tensor4D,
  size: readonly [number, number],
): Tensor4D {
  const tf = tensorflow();
  const w = windowsOf(input, size);
  const shape: Shape4D = [w.batch, w.down, w.across, w.channels];
  const op = tf.customGrad((x, save) => {
    const phases = phasesOf(x as Tensor4D, w);
    const pooled = phases.reduce((a, b) => tf.maximum(a, b));
    (save as (tensors: Tensor[]) => void)([...phases, pooled]);
    return {
      value: tf.reshape(pooled, shape),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const maxima = saved.at(-1) ?? pooled;
        const gradient = tf.reshape(dy, maxima.shape);
        return joinPhases(
          routeGradient(saved.slice(0, -1), maxima, gradient),
          w,
        );
      },
    };
  });
  return op(input) as Tensor4D;
}

interface PoolingFields {
  readonly poolSize: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: string;
}

/** Makes a MaxPooling2D layer pool by phases where its windows allow it. */
export function poolByPhases(layer: layers.Layer): void {
  const { poolSize, strides, padding } = layer as unknown as PoolingFields;
  const touching = poolSize[0] === strides[0] && poolSize[1] === strides[1];
  const isWasm = tensorflow().getBackend() === 'wasm';
  if (padding !== 'valid' || !touching || isWasm) return;
  replaceCall(layer, (input) => phasePool(input as Tensor4D, poolSize));
}
