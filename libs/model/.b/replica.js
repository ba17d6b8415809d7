import { MusterError } from '@muster/protocol';
import { buildNetwork } from './build-network.js';
import { crossEntropy, softmax } from './cross-entropy.js';
import { keyDropout } from './keyed-dropout.js';
import { takeLogits } from './logits.js';
import { poolByPhases } from './phase-pooling.js';
import { unfuseConvolution } from './plain-convolution.js';
import { sizeOf } from './size-of.js';
import { plainLayers } from './supported-layers.js';
import { tensorflow } from './tensorflow.js';
/** Examples of one forward pass in evaluation: memory, and one fixed grain. */
const EVALUATION_BATCH = 250;
/** Pixels 0 ... 255 as float32 in 0 ... 1. */
const SCALED = Float32Array.from({ length: 256 }, (_, pixel) => pixel / 255);
/**
 * A copy of a network on the active backend. Every result depends on the
 * arguments alone, not on what was computed before. Not for use from several
 * threads.
 */
export class Replica {
    #description;
    #model;
    #variables;
    #version;
    #random;
    /**
     * Builds the network on the backend that {@link startBackend} made active.
     *
     * @throws MusterError ERR_MODEL_UNSUPPORTED as {@link describeModel}
     */
    constructor(description) {
        this.#description = description;
        const network = buildNetwork(description.topology);
        this.#model = network.model;
        this.#variables = network.weights.map((each) => each.read());
        takeLogits(network.model);
        for (const layer of plainLayers(network.model))
            this.#specialize(layer);
    }
    /**
     * Computes the gradient of the sum of the examples' losses into `into`, and
     * gives the loss sum and the number of correct answers under the same
     * dropout masks.
     *
     * @throws MusterError ERR_SHAPE_MISMATCH when an array's length is wrong
     * @throws MusterError ERR_DATASET_MISMATCH for a label out of range
     * @throws MusterError ERR_BACKEND when the backend lacks an operation
     */
    gradient(input) {
        const { labels, into, random, count } = input;
        this.#check('gradient', into.length, this.#description.numParameters);
        this.#check('labels', labels.length, count);
        this.#check('images', input.images.length, this.#sizeOf(count));
        this.#upload(input);
        this.#random = random;
        const tf = tensorflow();
        let batchLoss = { count, lossSum: 0, correct: 0 };
        const report = (loss) => {
            batchLoss = loss;
        };
        try {
            // Nothing is returned: tidy walks what is, element by element.
            tf.tidy(() => {
                const images = this.#imageTensor(input.images, 0, count);
                const { grads } = tf.variableGrads(() => this.#lossOf(images, labels, report), [...this.#variables]);
                this.#read(grads, into);
            });
        }
        catch (error) {
            throw missingKernel(error);
        }
        finally {
            this.#random = undefined;
        }
        return batchLoss;
    }
    /**
     * Scores examples without dropout. Counts are exact; the loss sum is added
     * in example order in float64.
     *
     * @throws MusterError as {@link Replica.gradient}
     */
    evaluate(input) {
        const { labels, count } = input;
        this.#check('labels', labels.length, count);
        const logits = this.#logits(input);
        return crossEntropy(logits, labels, this.#description.numClasses);
    }
    /**
     * Gives float32 `[count, numClasses]` probabilities, owned by the caller.
     *
     * @throws MusterError as {@link Replica.gradient}
     */
    predict(input) {
        return softmax(this.#logits(input), this.#description.numClasses);
    }
    /** Frees the network's tensors; the replica is of no use afterwards. */
    dispose() {
        this.#model.dispose();
    }
    #specialize(layer) {
        switch (layer.getClassName()) {
            case 'Dropout':
                return keyDropout(layer, () => this.#currentStream());
            case 'MaxPooling2D':
                return poolByPhases(layer);
            case 'Conv2D':
                return unfuseConvolution(layer);
            default:
                return;
        }
    }
    #currentStream() {
        if (this.#random !== undefined)
            return this.#random;
        throw new MusterError('ERR_INTERNAL', 'dropout was computed outside of a gradient');
    }
    /** Sets the network's variables; they hold their own copy afterwards. */
    #upload({ parameters, version }) {
        const { layout, numParameters } = this.#description;
        this.#check('parameters', parameters.length, numParameters);
        if (version !== undefined && version === this.#version)
            return;
        this.#version = undefined;
        const tf = tensorflow();
        this.#variables.forEach((variable, i) => {
            const offset = layout[i]?.offset ?? 0;
            // A copy: the native library works in the array's own memory.
            const copy = parameters.slice(offset, offset + variable.size);
            const values = tf.tensor(copy, variable.shape, 'float32');
            variable.assign(values);
            values.dispose();
        });
        this.#version = version;
    }
    #imageTensor(images, begin, count) {
        const size = sizeOf(this.#description.inputShape);
        const scaled = new Float32Array(count * size);
        const offset = begin * size;
        for (let i = 0; i < scaled.length; i += 1) {
            scaled[i] = SCALED[images[offset + i] ?? 0] ?? 0;
        }
        const shape = [count, ...this.#description.inputShape];
        return tensorflow().tensor(scaled, shape, 'float32');
    }
    /** The examples' loss as a scalar whose value is not used. */
    #lossOf(images, labels, report) {
        const tf = tensorflow();
        const { numClasses } = this.#description;
        const loss = tf.customGrad((logits) => {
            const values = logits.dataSync();
            const gradient = new Float32Array(values.length);
            report(crossEntropy(values, labels, numClasses, gradient));
            const shape = logits.shape;
            return {
                value: tf.scalar(0),
                gradFunc: () => tf.tensor(gradient, shape, 'float32'),
            };
        });
        return loss(this.#apply(images, true));
    }
    #apply(images, training) {
        return this.#model.apply(images, { training });
    }
    #logits({ images, count, ...input }) {
        this.#check('images', images.length, this.#sizeOf(count));
        this.#upload(input);
        const tf = tensorflow();
        const { numClasses } = this.#description;
        const logits = new Float32Array(count * numClasses);
        for (let begin = 0; begin < count; begin += EVALUATION_BATCH) {
            const size = Math.min(EVALUATION_BATCH, count - begin);
            tf.tidy(() => {
                const output = this.#apply(this.#imageTensor(images, begin, size), false);
                logits.set(output.dataSync(), begin * numClasses);
            });
        }
        return logits;
    }
    /** Copies the gradients to their places; what has none is zero. */
    #read(grads, into) {
        this.#variables.forEach((variable, i) => {
            const offset = this.#description.layout[i]?.offset ?? 0;
            const gradient = grads[variable.name];
            if (gradient === null || gradient === undefined) {
                into.fill(0, offset, offset + variable.size);
            }
            else {
                into.set(gradient.dataSync(), offset);
            }
        });
    }
    #sizeOf(count) {
        return count * sizeOf(this.#description.inputShape);
    }
    #check(name, got, expected) {
        if (got === expected)
            return;
        throw new MusterError('ERR_SHAPE_MISMATCH', `'${name}' has ${got} elements, expected ${expected}`);
    }
}
/** TensorFlow.js says which operation a backend lacks; we say what to turn. */
function missingKernel(error) {
    const message = error instanceof Error ? error.message : '';
    const [, kernel, backend] = /Kernel '(\w+)' not registered for backend '(\w+)'/.exec(message) ?? [];
    if (kernel === undefined)
        return error;
    return new MusterError('ERR_BACKEND', `backend ${backend ?? ''} has no operation ${kernel}, which this network's ` +
        'gradient needs; use --backend tensorflow', { cause: error });
}
