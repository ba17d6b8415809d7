/** Small networks and examples for the specs: topologies as Keras writes them. */
import { createRandomStream } from '@muster/data';
import { initialParameters } from '../initializers.js';
/** One layer as a topology has it. */
export function layer(className, config = {}) {
    return { class_name: className, config };
}
/** A Sequential whose first layer takes `inputShape`, without the batch. */
export function sequential(inputShape, ...layers) {
    const input = layer('InputLayer', {
        batch_input_shape: [null, ...inputShape],
    });
    return layer('Sequential', { layers: [input, ...layers] });
}
/** `Dense(numClasses, softmax)`. */
export function classifier(numClasses) {
    return layer('Dense', { units: numClasses, activation: 'softmax' });
}
/** A network of two branches from 6x6x1, joined by a layer of this class. */
export function twoBranches(className) {
    const node = (kind, name, config, from) => ({
        class_name: kind,
        name,
        config: { name, ...config },
        inbound_nodes: from.length === 0 ? [] : [from.map((each) => [each, 0, 0, {}])],
    });
    return layer('Functional', {
        name: 'branches',
        layers: [
            node('InputLayer', 'picture', { batch_input_shape: [null, 6, 6, 1] }, []),
            node('Flatten', 'flat', {}, ['picture']),
            node('Dense', 'left', { units: 4, activation: 'tanh' }, ['flat']),
            node('Dense', 'right', { units: 4, activation: 'sigmoid' }, ['flat']),
            node(className, 'joined', {}, ['left', 'right']),
            node('Dense', 'scores', { units: 3, activation: 'softmax' }, ['joined']),
        ],
        input_layers: [['picture', 0, 0]],
        output_layers: [['scores', 0, 0]],
    });
}
/** Examples of a description's shape with pixels and labels from a stream. */
export function examplesOf(description, count, seed = 1) {
    const random = createRandomStream(seed, 2);
    const size = description.inputShape.reduce((a, b) => a * b, count);
    return {
        // A third of the pixels is black, as in pictures of digits: ties.
        images: Uint8Array.from({ length: size }, () => Math.max(0, random.nextBelow(384) - 128)),
        labels: Uint8Array.from({ length: count }, () => random.nextBelow(description.numClasses)),
        count,
    };
}
/** Parameters that leave no bias at zero, so that every gradient is checked. */
export function parametersOf(description, seed = 3) {
    const random = createRandomStream(seed, 4);
    return initialParameters(description, createRandomStream, seed).map((value) => value + 0.1 * (random.nextFloat() - 0.5));
}
