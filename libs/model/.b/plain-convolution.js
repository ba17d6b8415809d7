import { replaceCall } from './replace-call.js';
import { tensorflow } from './tensorflow.js';
/**
 * Replaces a Conv2D layer's fused op, whose gradient always computes that of
 * the input as well, by convolution, bias and activation apart: the images
 * then get none.
 */
export function unfuseConvolution(layer) {
    const fields = layer;
    replaceCall(layer, (input) => {
        const tf = tensorflow();
        const summed = tf.conv2d(input, fields.kernel.read(), fields.strides, fields.padding, 'NHWC', fields.dilationRate);
        const { bias } = fields;
        const biased = bias === null ? summed : tf.add(summed, bias.read());
        return fields.activation.apply(biased);
    });
}
