/** To and from a Layers model that a person built in TensorFlow.js. */
import { MusterError } from '@muster/protocol';
import { tensorflow } from './tensorflow.js';
/**
 * Gives the topology of a built Layers model, for {@link describeModel}. The
 * model is not changed; its values are not in the result.
 */
export function topologyOf(model) {
    return model.toJSON(null, false);
}
/**
 * Reads a Layers model's weights into one vector, in the layout's order.
 *
 * @returns float32 `[numParameters]`, owned by the caller
 */
export function flatWeights(model, description) {
    const flat = new Float32Array(description.numParameters);
    model.trainableWeights.forEach((weight, i) => {
        const offset = description.layout[i]?.offset ?? 0;
        flat.set(weight.read().dataSync(), offset);
    });
    return flat;
}
/**
 * Sets a Layers model's weights to trained parameters, tensor by tensor in the
 * layout's order. `description` must be that of this model's topology.
 *
 * @param parameters float32 `[numParameters]`; copied, not kept
 * @throws MusterError ERR_MODEL_MISMATCH when the model's weights have other
 *   shapes than the description's
 */
export function writeBack(model, description, parameters) {
    const shapes = (of) => of.map(({ shape }) => `[${shape.join(', ')}]`).join(' ');
    const expected = shapes(description.layout);
    const got = shapes(model.trainableWeights);
    if (got !== expected || parameters.length !== description.numParameters) {
        throw new MusterError('ERR_MODEL_MISMATCH', `the model has weights of shapes ${got}, the trained parameters are ` +
            `${parameters.length} numbers for ${expected}`);
    }
    const tf = tensorflow();
    tf.tidy(() => {
        model.trainableWeights.forEach((weight, i) => {
            const begin = description.layout[i]?.offset ?? 0;
            const shape = weight.shape.map(Number);
            const end = begin + shape.reduce((size, length) => size * length, 1);
            weight.write(tf.tensor(parameters.slice(begin, end), shape, 'float32'));
        });
    });
}
