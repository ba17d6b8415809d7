import { buildNetwork, } from './build-network.js';
import { fingerprintOf } from './canonical-json.js';
import { checkInitializer } from './initializers.js';
import { findSoftmax } from './logits.js';
import { normalizeTopology } from './normalize-topology.js';
import { unsupported } from './supported-layers.js';
import { sizeOf } from './size-of.js';
function layoutOf(weights) {
    const taken = new Set();
    let offset = 0;
    return weights.map((weight) => {
        let name = weight.originalName;
        for (let i = 1; taken.has(name); i += 1)
            name = `${weight.originalName}_${i}`;
        taken.add(name);
        const shape = weight.shape.map(Number);
        const entry = { name, shape, offset };
        offset += sizeOf(shape);
        return entry;
    });
}
/** The one input's shape without the batch. */
function inputShapeOf({ model }) {
    const [input, ...others] = model.inputs;
    const shape = input?.shape.slice(1) ?? [];
    if (others.length > 0 || shape.some((length) => length === null)) {
        const got = model.inputs.map((each) => `[${each.shape.join(', ')}]`);
        throw unsupported('the network', `expected one input of a known shape, got ${got.join(' and ')}`);
    }
    return shape.map(Number);
}
function numClassesOf({ model }) {
    const [output, ...others] = model.outputs;
    const numClasses = output?.shape[1];
    if (others.length > 0 ||
        output?.shape.length !== 2 ||
        typeof numClasses !== 'number') {
        const got = model.outputs.map((each) => `[${each.shape.join(', ')}]`);
        throw unsupported('the network', `expected one output [batch, numClasses], got ${got.join(' and ')}`);
    }
    return numClasses;
}
/**
 * Describes the network of a topology: what `model.toJSON(null, false)` gives
 * for any Layers model, `notebookTopology(...)`, or the content of a
 * `model.json`. Needs no native backend; the same topology gives the same
 * description in every process.
 *
 * @throws MusterError ERR_MODEL_UNSUPPORTED when it cannot be built, holds a
 *   layer that cannot be trained reproducibly (named), or does not end in one
 *   softmax `[batch, numClasses]`
 */
export function describeModel(topology) {
    const normalized = normalizeTopology(topology);
    const network = buildNetwork(normalized);
    try {
        const layout = layoutOf(network.weights);
        if (layout.length === 0) {
            throw unsupported('the network', 'it has nothing to train');
        }
        network.initializers.forEach((initializer, i) => {
            checkInitializer(initializer, layout[i]?.name ?? '');
        });
        const numClasses = numClassesOf(network);
        findSoftmax(network.model);
        return {
            topology: normalized,
            layout,
            initializers: network.initializers,
            fingerprint: fingerprintOf({ topology: normalized, layout }),
            numParameters: layout.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
            inputShape: inputShapeOf(network),
            numClasses,
        };
    }
    finally {
        network.model.dispose();
    }
}
