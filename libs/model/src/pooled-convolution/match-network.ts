/**
 * Recognizes the networks whose gradient is derived by hand: a linear
 * convolution, 2x2 max pooling, and dense layers. The notebook's is one.
 */
import type { LayoutEntry } from '@muster/protocol';
import type { LayersModel, layers } from '@tensorflow/tfjs';
import { plainLayers } from '../supported-layers.js';

/** `Conv2D` (linear, stride 1, no padding) and `MaxPooling2D` (2x2). */
export interface ConvolutionPlan {
  /** Of an image. */
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly kernelRows: number;
  readonly kernelColumns: number;
  /** A multiple of 4. */
  readonly filters: number;
  /** In the flat vector: [kernelRows, kernelColumns, channels, filters]. */
  readonly kernelOffset: number;
  /** In the flat vector: [filters]. */
  readonly biasOffset: number;
}

/** Whether the kernel is 3x3 over one channel, which has loops of its own. */
export function isSmall(plan: ConvolutionPlan): boolean {
  const { kernelRows, kernelColumns, channels } = plan;
  return kernelRows === 3 && kernelColumns === 3 && channels === 1;
}

/** A dense layer, with the dropout before it. */
export interface DensePlan {
  readonly inputs: number;
  readonly units: number;
  /** The last one is linear here: it gives the logits. */
  readonly activation: 'relu' | 'linear';
  /** Of its inputs in training; 0 for none. */
  readonly dropoutRate: number;
  /** In the flat vector: [inputs, units]. */
  readonly kernelOffset: number;
  /** In the flat vector: [units]. */
  readonly biasOffset: number;
}

/** A network that {@link matchNetwork} knows. */
export interface PooledNetworkPlan {
  readonly convolution: ConvolutionPlan;
  readonly dense: readonly DensePlan[];
}

type Layer = layers.Layer;

/** What a layer's configuration says, with lists as text: `3,3`. */
function settings(layer: Layer): (key: string) => string {
  const config = layer.getConfig() as Record<string, unknown>;
  return (key) => String(config[key]);
}

/**
 * Gives the plan of a network, or nothing where it is of another kind.
 *
 * @param layout of the network's weights in their order
 */
export function matchNetwork(
  model: LayersModel,
  layout: readonly LayoutEntry[],
): PooledNetworkPlan | undefined {
  if (model.getClassName() !== 'Sequential') return undefined;
  const found = plainLayers(model).filter(
    (layer) => layer.getClassName() !== 'InputLayer',
  );
  const [convolution, pooling, flatten, ...rest] = found;
  if (!isConvolution(convolution) || !isPooling(pooling)) return undefined;
  if (flatten?.getClassName() !== 'Flatten') return undefined;
  const plan = convolutionPlan(model, layout);
  const dense = densePlans(rest, layout.slice(2));
  if (plan === undefined || dense === undefined) return undefined;
  return { convolution: plan, dense };
}

function isConvolution(layer: Layer | undefined): boolean {
  if (layer?.getClassName() !== 'Conv2D') return false;
  const setting = settings(layer);
  return (
    setting('activation') === 'linear' &&
    setting('padding') === 'valid' &&
    setting('strides') === '1,1' &&
    setting('useBias') === 'true'
  );
}

function isPooling(layer: Layer | undefined): boolean {
  if (layer?.getClassName() !== 'MaxPooling2D') return false;
  const setting = settings(layer);
  return (
    setting('poolSize') === '2,2' &&
    setting('strides') === '2,2' &&
    setting('padding') === 'valid'
  );
}

function convolutionPlan(
  model: LayersModel,
  layout: readonly LayoutEntry[],
): ConvolutionPlan | undefined {
  const [kernel, bias] = layout;
  const [rows, columns] = model.inputs[0]?.shape.slice(1) ?? [];
  if (!kernel || !bias || !rows || !columns) return undefined;
  const [kernelRows = 0, kernelColumns = 0, channels = 0, filters = 0] =
    kernel.shape;
  if (filters % 4 !== 0) return undefined;
  return {
    ...{ rows, columns, channels, kernelRows, kernelColumns, filters },
    kernelOffset: kernel.offset,
    biasOffset: bias.offset,
  };
}

/** `Dense` and `Dropout`, at most one before each `Dense`; softmax at the end. */
function densePlans(
  found: readonly Layer[],
  layout: readonly LayoutEntry[],
): DensePlan[] | undefined {
  const plans: DensePlan[] = [];
  let dropoutRate = 0;
  for (const layer of found) {
    const setting = settings(layer);
    if (layer.getClassName() === 'Dropout' && dropoutRate === 0) {
      dropoutRate = Number(setting('rate'));
      if (!(dropoutRate >= 0 && dropoutRate < 1)) return undefined;
      continue;
    }
    const isLast = layer === found.at(-1);
    const activation = activationOf(setting('activation'), isLast);
    const [kernel, bias] = layout.slice(2 * plans.length);
    const isDense = layer.getClassName() === 'Dense';
    if (!isDense || setting('useBias') !== 'true') return undefined;
    if (!kernel || !bias || activation === undefined) return undefined;
    const [inputs = 0, units = 0] = kernel.shape;
    const offsets = { kernelOffset: kernel.offset, biasOffset: bias.offset };
    plans.push({ inputs, units, activation, dropoutRate, ...offsets });
    dropoutRate = 0;
  }
  const isWhole = plans.length > 0 && dropoutRate === 0;
  return isWhole && layout.length === 2 * plans.length ? plans : undefined;
}

function activationOf(
  name: string,
  isLast: boolean,
): DensePlan['activation'] | undefined {
  if (isLast) return name === 'softmax' ? 'linear' : undefined;
  return name === 'relu' || name === 'linear' ? name : undefined;
}
