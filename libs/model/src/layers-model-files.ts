/** TensorFlow.js's file format: `model.json` beside `weights.bin`. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '@muster/protocol';
import {
  isJsonObject,
  textOf,
  type Json,
  type JsonObject,
} from './canonical-json.js';
import { checkLength } from './check-length.js';
import { describeModel, type ModelDescription } from './describe-model.js';
import { sizeOf } from './size-of.js';

const MODEL_FILE = 'model.json';
const WEIGHTS_FILE = 'weights.bin';

/** A network with its values. */
export interface TrainedModel {
  readonly description: ModelDescription;
  /** float32 `[numParameters]` in the layout's order, owned by the caller. */
  readonly parameters: Float32Array;
}

function littleEndianBytes(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => view.setFloat32(i * 4, value, true));
  return new Uint8Array(view.buffer);
}

/**
 * Writes a model that `tf.loadLayersModel` reads, in Node and in browsers,
 * into `directory`, which is made where missing. Files of an earlier model
 * there are replaced, the weights first.
 *
 * @param parameters float32 `[numParameters]`; not kept
 * @throws MusterError ERR_SHAPE_MISMATCH when the length is wrong
 * @throws Error of the file system
 */
export async function saveLayersModel(
  directory: string,
  description: ModelDescription,
  parameters: Float32Array,
): Promise<void> {
  checkLength('parameters', parameters.length, description.numParameters);
  const weights = description.layout.map(({ name, shape }) => ({
    name,
    shape,
    dtype: 'float32',
  }));
  const model = {
    format: 'layers-model',
    generatedBy: 'Muster',
    convertedBy: null,
    modelTopology: {
      ...description.topology,
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [{ paths: [WEIGHTS_FILE], weights }],
  };
  await mkdir(directory, { recursive: true });
  const bytes = littleEndianBytes(parameters);
  await writeFile(join(directory, WEIGHTS_FILE), bytes);
  await writeFile(join(directory, MODEL_FILE), `${JSON.stringify(model)}\n`);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError(
      'ERR_RUN_NOT_FOUND',
      `there is no model to read: ${reason}`,
      { cause },
    );
  }
}

const damaged = (path: string, message: string): MusterError =>
  new MusterError('ERR_CHECKPOINT_CORRUPT', `${path}: ${message}`);

async function readModelJson(path: string): Promise<JsonObject> {
  const text = new TextDecoder().decode(await readBytes(path));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(path, 'expected JSON');
  }
  if (isJsonObject(value) && 'modelTopology' in value) return value;
  throw damaged(path, "expected an object with 'modelTopology'");
}

/** One tensor as a weights manifest lists it. */
interface StoredTensor {
  readonly shape: readonly number[];
  /** First byte in its group's data. */
  readonly offset: number;
  readonly data: DataView;
}

const listOf = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonObject[]) : [];

async function readGroup(
  directory: string,
  group: JsonObject,
  into: Map<string, StoredTensor>,
): Promise<void> {
  const paths = listOf(group['paths']).map(textOf);
  const files = paths.map((path) => readBytes(join(directory, path)));
  const bytes = Buffer.concat(await Promise.all(files));
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  for (const { name, shape, dtype, quantization } of listOf(group['weights'])) {
    if (dtype !== 'float32' || quantization !== undefined) {
      throw new MusterError(
        'ERR_MODEL_UNSUPPORTED',
        `tensor '${textOf(name)}' is stored as ${textOf(dtype)}` +
          `${quantization === undefined ? '' : ', quantized'}, expected float32`,
      );
    }
    const lengths = Array.isArray(shape) ? shape.map(Number) : [];
    into.set(textOf(name), { shape: lengths, offset, data });
    offset += sizeOf(lengths) * 4;
  }
  if (offset !== bytes.byteLength) {
    const where = paths.map((path) => join(directory, path)).join(', ');
    const got = `got ${bytes.byteLength}`;
    throw damaged(where, `expected ${offset} bytes of weights, ${got}`);
  }
}

/**
 * Reads a model that {@link saveLayersModel} or `model.save` wrote, without
 * building it on a backend. Weights are found by name and shape.
 *
 * @throws MusterError ERR_RUN_NOT_FOUND when a file is missing
 * @throws MusterError ERR_CHECKPOINT_CORRUPT when a file is damaged
 * @throws MusterError ERR_MODEL_UNSUPPORTED as {@link describeModel}, or when
 *   the weights are not plain float32
 */
export async function readLayersModel(
  directory: string,
): Promise<TrainedModel> {
  const path = join(directory, MODEL_FILE);
  const model = await readModelJson(path);
  const description = describeModel(model['modelTopology']);
  const stored = new Map<string, StoredTensor>();
  for (const group of listOf(model['weightsManifest'])) {
    await readGroup(directory, group, stored);
  }
  const tensors = [...stored.values()];
  const parameters = new Float32Array(description.numParameters);
  description.layout.forEach(({ name, shape, offset }, index) => {
    // Names made from a counter were replaced: the order decides then.
    const tensor = stored.get(name) ?? tensors[index];
    if (tensor?.shape.join() !== shape.join()) {
      const got =
        tensor === undefined ? 'none' : `[${tensor.shape.join(', ')}]`;
      throw damaged(
        path,
        `expected tensor '${name}' of shape [${shape.join(', ')}], got ${got}`,
      );
    }
    for (let i = 0; i < sizeOf(shape); i += 1) {
      parameters[offset + i] = tensor.data.getFloat32(
        tensor.offset + i * 4,
        true,
      );
    }
  });
  return { description, parameters };
}
