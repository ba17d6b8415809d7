/** The notebook's network, as Keras writes a model down. */
import { MusterError } from '@muster/protocol';
import type { JsonObject } from './canonical-json.js';

/** What the data decides about the network. */
export interface PictureShape {
  /** Pixels down, at least 4. */
  readonly rows: number;
  /** Pixels across, at least 4. */
  readonly columns: number;
  /** Values a pixel: 1 for grey. */
  readonly channels: number;
  /** Labels run from 0 to `numClasses - 1`. */
  readonly numClasses: number;
}

/** 3x3 convolution without padding, then 2x2 pooling: less leaves nothing. */
const MIN_SIDE = 4;

/** Written out, since TensorFlow.js's own default is another. */
const INITIALIZERS: JsonObject = {
  kernel_initializer: { class_name: 'GlorotUniform', config: { seed: null } },
  bias_initializer: { class_name: 'Zeros', config: {} },
};

const layer = (className: string, config: JsonObject): JsonObject => ({
  class_name: className,
  config,
});

/**
 * Writes down `Conv2D(28, 3x3, linear) - MaxPooling2D(2x2) - Flatten -
 * Dense(128, relu) - Dropout(0.2) - Dense(numClasses, softmax)` for pictures
 * `[rows, columns, channels]`, with Keras's layer names and initializers.
 * For 28x28x1 and 10 classes it has 607,394 parameters.
 *
 * @throws MusterError ERR_CONFIG when the pictures are smaller than 4x4
 */
export function notebookTopology(shape: PictureShape): JsonObject {
  const { rows, columns, channels, numClasses } = shape;
  if (rows < MIN_SIDE || columns < MIN_SIDE) {
    throw new MusterError(
      'ERR_CONFIG',
      `the notebook's network needs images of at least ${MIN_SIDE}x${MIN_SIDE} ` +
        `pixels, got ${rows}x${columns}; give other images with --data`,
    );
  }
  const layers = [
    layer('Conv2D', {
      name: 'conv2d',
      filters: 28,
      kernel_size: [3, 3],
      strides: [1, 1],
      padding: 'valid',
      activation: 'linear',
      ...INITIALIZERS,
      batch_input_shape: [null, rows, columns, channels],
    }),
    layer('MaxPooling2D', {
      name: 'max_pooling2d',
      pool_size: [2, 2],
      strides: [2, 2],
      padding: 'valid',
    }),
    layer('Flatten', { name: 'flatten' }),
    layer('Dense', {
      name: 'dense',
      units: 128,
      activation: 'relu',
      ...INITIALIZERS,
    }),
    layer('Dropout', { name: 'dropout', rate: 0.2 }),
    layer('Dense', {
      name: 'dense_1',
      units: numClasses,
      activation: 'softmax',
      ...INITIALIZERS,
    }),
  ];
  return { class_name: 'Sequential', config: { name: 'notebook', layers } };
}
