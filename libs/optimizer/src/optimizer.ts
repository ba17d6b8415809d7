/**
 * What turns the sum of a step's gradients into new parameters. All
 * arithmetic on elements is float32, rounded after every single operation in
 * the order that each optimizer's comment gives (no fused multiply-add), so
 * that any other implementation of that order, SIMD included, has the same
 * bits.
 */

/** Optimizer and constants; the shape of the run definition's `optimizer`. */
export type OptimizerConfig =
  | {
      readonly name: 'adam';
      /** Decay of the first moment, 0 to below 1. */
      readonly beta1: number;
      /** Decay of the second moment, 0 to below 1. */
      readonly beta2: number;
      /** Above 0. */
      readonly epsilon: number;
    }
  | { readonly name: 'sgd' }
  | {
      readonly name: 'momentum' | 'nesterov';
      /** Decay of the velocity, 0 to below 1. */
      readonly momentum: number;
    };

/** What one update needs. */
export interface OptimizerUpdate {
  /** [length] float32, changed in place. */
  readonly parameters: Float32Array;
  /** [length] float32, sum over `count` examples; only read. */
  readonly gradientSum: Float32Array;
  /** Examples in the sum, 1 to 2^24. */
  readonly count: number;
  /** One [length] float32 array a slot, changed in place. */
  readonly state: Readonly<Record<string, Float32Array>>;
  /** The number of this update, from 1. */
  readonly step: number;
  /** Of this update. */
  readonly learningRate: number;
}

/** An update rule; all of its state is in the slots that the caller keeps. */
export interface Optimizer {
  /** Names of its state arrays, in the order of checkpoints. */
  readonly slots: readonly string[];
  /** Fresh state for so many parameters: zeros, owned by the caller. */
  createState(length: number): Record<string, Float32Array>;
  /**
   * Applies one step in place: to any key range alone as to the whole vector,
   * since no element's update looks at another's.
   *
   * @throws RangeError if lengths differ, a slot is missing, or `count` or
   *   `step` is not a whole number in range; nothing is changed then.
   */
  apply(update: OptimizerUpdate): void;
}

/** One optimizer's own part: its slots, and its loop over the elements. */
export interface UpdateRule {
  readonly slots: readonly string[];
  /**
   * @param slots - the state arrays in the order of `slots`.
   */
  run(update: OptimizerUpdate, slots: readonly Float32Array[]): void;
}

/** Puts the checks around a rule that then needs none. */
export function optimizerFrom(rule: UpdateRule): Optimizer {
  return {
    slots: rule.slots,
    createState: (length) =>
      Object.fromEntries(
        rule.slots.map((slot) => [slot, new Float32Array(length)]),
      ),
    apply(update) {
      checkUpdate(update);
      const slots = rule.slots.map((slot) => slotOf(update, slot));
      rule.run(update, slots);
    },
  };
}

function checkUpdate(update: OptimizerUpdate): void {
  const { parameters, gradientSum, count, step } = update;
  checkLength('gradient sum', gradientSum.length, parameters.length);
  if (!Number.isInteger(count) || count < 1 || count > 2 ** 24) {
    throw new RangeError(
      `optimizer: expected a count of 1 to 2^24 examples, got ${count}`,
    );
  }
  if (!Number.isSafeInteger(step) || step < 1) {
    throw new RangeError(`optimizer: expected a step from 1, got ${step}`);
  }
}

function slotOf(update: OptimizerUpdate, name: string): Float32Array {
  const slot = update.state[name];
  if (slot === undefined) {
    throw new RangeError(
      `optimizer: expected a state slot '${name}', got none`,
    );
  }
  checkLength(`state slot '${name}'`, slot.length, update.parameters.length);
  return slot;
}

function checkLength(what: string, got: number, expected: number): void {
  if (got !== expected) {
    throw new RangeError(
      `optimizer: expected ${expected} elements of ${what}, got ${got}`,
    );
  }
}
