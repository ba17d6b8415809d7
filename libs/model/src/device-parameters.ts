/** The parameters on the backend: one variable a tensor of the layout. */
import type { LayoutEntry } from '@muster/protocol';
import type { NamedTensorMap, Tensor, Variable } from '@tensorflow/tfjs';
import type { LayerVariable } from './build-network.js';
import { tensorflow } from './tensorflow.js';

/** Values of all parameters. */
export interface ParametersInput {
  /** float32 `[numParameters]` in the layout's order; copied, not kept. */
  readonly parameters: Float32Array;
  /**
   * Names the values: when it is that of the call before, the parameters are
   * taken as unchanged and not uploaded again. Left out: always uploaded.
   */
  readonly version?: number | undefined;
}

/** A network's own variables, seen as one flat vector. */
export class DeviceParameters {
  readonly #variables: readonly Variable[];
  readonly #layout: readonly LayoutEntry[];
  #version: number | undefined;

  /** The variables stay the network's, which disposes them. */
  constructor(
    weights: readonly LayerVariable[],
    layout: readonly LayoutEntry[],
  ) {
    this.#variables = weights.map((each) => each.read() as unknown as Variable);
    this.#layout = layout;
  }

  /** What to differentiate by. */
  get variables(): Variable[] {
    return [...this.#variables];
  }

  /**
   * Sets the variables to copies of the values, unless they have this version.
   */
  upload({ parameters, version }: ParametersInput): void {
    if (version !== undefined && version === this.#version) return;
    this.#version = undefined;
    this.#forEach((variable, begin, end) => {
      // A copy: the native library may work in the array's own memory.
      const values = parameters.slice(begin, end);
      const tensor = tensorflow().tensor(values, variable.shape, 'float32');
      variable.assign(tensor);
      tensor.dispose();
    });
    this.#version = version;
  }

  /**
   * Copies gradients, by variable name, to their places in the flat `into`;
   * a variable that the loss does not depend on has zeros.
   *
   * @param into - float32 `[numParameters]`, overwritten
   */
  readGradients(gradients: NamedTensorMap, into: Float32Array): void {
    this.#forEach((variable, begin, end) => {
      const gradient = gradients[variable.name] as Tensor | null | undefined;
      if (gradient === null || gradient === undefined) {
        into.fill(0, begin, end);
      } else {
        into.set(gradient.dataSync<'float32'>(), begin);
      }
    });
  }

  #forEach(
    visit: (variable: Variable, begin: number, end: number) => void,
  ): void {
    this.#variables.forEach((variable, i) => {
      const begin = this.#layout[i]?.offset ?? 0;
      visit(variable, begin, begin + variable.size);
    });
  }
}
