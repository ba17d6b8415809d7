/**
 * The loops over elements, in three versions with the same bits: native where
 * set-up could compile them, WASM SIMD, and plain JavaScript where that cannot
 * run. Callers have checked all lengths.
 */

/** Scalars of one Adam step, each already a float32. */
export interface AdamScalars {
  readonly beta1: number;
  /** 1 - beta1, rounded once. */
  readonly complement1: number;
  readonly beta2: number;
  /** 1 - beta2, rounded once. */
  readonly complement2: number;
  /** Learning rate with both bias corrections. */
  readonly rate: number;
  /** Epsilon with the second bias correction. */
  readonly epsilon: number;
}

/** What every rule starts from: a sum over `count` examples, only read. */
export interface GradientSum {
  /** [length] float32. */
  readonly gradientSum: Float32Array;
  /** 1 to 2^24. */
  readonly count: number;
}

/** float32 arithmetic on whole vectors; all vectors of a call are equally long. */
export interface Kernels {
  readonly name: 'native' | 'wasm-simd' | 'javascript';
  /**
   * Makes `count` vectors, [length] float32 zeros, that belong together: on
   * them the kernels are fastest. They are the caller's.
   */
  allocate(length: number, count: number): Float32Array[];
  /** target += source */
  addInto(target: Float32Array, source: Float32Array): void;
  /** In four float64 lanes; see `squaredNorm`. */
  squaredNorm(vector: Float32Array): number;
  /** Changes w, m and v. */
  adam(
    vectors: readonly [w: Float32Array, m: Float32Array, v: Float32Array],
    gradient: GradientSum,
    scalars: AdamScalars,
  ): void;
  /** Changes w; rate is a float32. */
  sgd(w: Float32Array, gradient: GradientSum, rate: number): void;
  /** Changes w and velocity; mu and rate are float32. */
  momentum(
    vectors: readonly [w: Float32Array, velocity: Float32Array],
    gradient: GradientSum,
    scalars: MomentumScalars,
  ): void;
  /** Changes w and velocity; mu and rate are float32. */
  nesterov(
    vectors: readonly [w: Float32Array, velocity: Float32Array],
    gradient: GradientSum,
    scalars: MomentumScalars,
  ): void;
  /** Rounds to the nearest bfloat16 in place, ties to even. */
  roundToBfloat16(vector: Float32Array): void;
  /** To the nearest, ties to even. */
  encodeBfloat16(from: Float32Array, to: Uint16Array): void;
  /** Exact. */
  decodeBfloat16(from: Uint16Array, to: Float32Array): void;
  /** To the nearest, ties to even; beyond 65504 rounded: an infinity. */
  encodeFloat16(from: Float32Array, to: Uint16Array): void;
  /** Exact. */
  decodeFloat16(from: Uint16Array, to: Float32Array): void;
}

/** Scalars of the two momentum rules, each already a float32. */
export interface MomentumScalars {
  /** Decay of the velocity. */
  readonly mu: number;
  /** Learning rate. */
  readonly rate: number;
}
