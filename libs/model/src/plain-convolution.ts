/** Conv2D in plain ops, so that unneeded gradients are not computed. */
import type { Tensor4D, layers } from '@tensorflow/tfjs';
import type { LayerVariable } from './build-network.js';
import { replaceCall } from './replace-call.js';
import { tensorflow } from './tensorflow.js';

interface Conv2DFields {
  readonly kernel: LayerVariable;
  readonly bias: LayerVariable | null;
  readonly strides: [number, number];
  readonly padding: 'valid' | 'same';
  readonly dilationRate: [number, number];
  readonly activation: { apply(input: Tensor4D): Tensor4D };
}

/**
 * Replaces a Conv2D layer's fused op, whose gradient always computes that of
 * the input as well, by convolution, bias and activation apart: the images
 * then get none.
 */
export function unfuseConvolution(layer: layers.Layer): void {
  const fields = layer as unknown as Conv2DFields;
  replaceCall(layer, (input) => {
    const tf = tensorflow();
    const summed = tf.conv2d(
      input as Tensor4D,
      fields.kernel.read() as Tensor4D,
      fields.strides,
      fields.padding,
      'NHWC',
      fields.dilationRate,
    );
    const { bias } = fields;
    const biased = bias === null ? summed : tf.add(summed, bias.read());
    return fields.activation.apply(biased as Tensor4D);
  });
}
