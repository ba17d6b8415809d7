/** What a network is, without its values: topology, flat layout, fingerprint. */
import type { LayoutEntry } from '@muster/protocol';
import {
  buildNetwork,
  type InitializerConfig,
  type LayerVariable,
  type Network,
} from './build-network.js';
import { fingerprintOf, type JsonObject } from './canonical-json.js';
import { checkInitializer } from './initializers.js';
import { findSoftmax } from './logits.js';
import { normalizeTopology } from './normalize-topology.js';
import { unsupported } from './supported-layers.js';
import { sizeOf } from './size-of.js';

/** A network as plain data; can be sent as JSON and described again. */
export interface ModelDescription {
  /** Keras-style JSON with stable names. */
  readonly topology: JsonObject;
  /** Where each tensor lies in the flat float32 parameter vector, in order. */
  readonly layout: readonly LayoutEntry[];
  /** How each tensor starts, in the layout's order. */
  readonly initializers: readonly InitializerConfig[];
  /** SHA-256 over topology and layout, 64 hex digits. */
  readonly fingerprint: string;
  /** Length of the flat parameter vector. */
  readonly numParameters: number;
  /** One example's shape, without the batch: `[rows, columns, channels]`. */
  readonly inputShape: readonly number[];
  /** Length of the output: probabilities of labels `0 ... numClasses - 1`. */
  readonly numClasses: number;
}

function layoutOf(weights: readonly LayerVariable[]): LayoutEntry[] {
  const taken = new Set<string>();
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
function inputShapeOf({ model }: Network): readonly number[] {
  const [input, ...others] = model.inputs;
  const shape = input?.shape.slice(1) ?? [];
  if (others.length > 0 || shape.some((length) => length === null)) {
    const got = model.inputs.map((each) => `[${each.shape.join(', ')}]`);
    throw unsupported(
      'the network',
      `expected one input of a known shape, got ${got.join(' and ')}`,
    );
  }
  return shape.map(Number);
}

function numClassesOf({ model }: Network): number {
  const [output, ...others] = model.outputs;
  const numClasses = output?.shape[1];
  if (
    others.length > 0 ||
    output?.shape.length !== 2 ||
    typeof numClasses !== 'number'
  ) {
    const got = model.outputs.map((each) => `[${each.shape.join(', ')}]`);
    throw unsupported(
      'the network',
      `expected one output [batch, numClasses], got ${got.join(' and ')}`,
    );
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
export function describeModel(topology: unknown): ModelDescription {
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
  } finally {
    network.model.dispose();
  }
}
