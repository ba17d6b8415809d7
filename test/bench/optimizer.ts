/**
 * The kernels over 607,394 elements, the notebook's parameters: native, WASM
 * SIMD, plain JavaScript and TensorFlow.js's operations in turn, in one process.
 */
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { startBackend } from '@muster/model';
import {
  createWasmKernels,
  javascriptKernels,
  kernels,
} from '@muster/optimizer';
import type { Kernels } from '@muster/optimizer';
import type * as tfjs from '@tensorflow/tfjs';
import { median, spread } from './statistics.js';

const LENGTH = 607_394;
const ROUNDS = 41;
/** Runs of one version in a row, so that its vectors are in the cache. */
const REPEATS = 3;
const SCALARS = {
  ...{ beta1: Math.fround(0.9), complement1: Math.fround(0.1) },
  ...{ beta2: Math.fround(0.999), complement2: Math.fround(0.001) },
  ...{ rate: Math.fround(0.001), epsilon: Math.fround(1e-7) },
};

/** One operation in several versions, each ready to be timed. */
interface Case {
  readonly name: string;
  readonly versions: Readonly<Record<string, () => unknown>>;
}

const wasm = createWasmKernels();

/** Vectors that the kernels may work on in place, or not. */
function vectorsOf(together: boolean): readonly Float32Array[] {
  const vectors = together
    ? wasm.allocate(LENGTH, 4)
    : Array.from({ length: 4 }, () => new Float32Array(LENGTH));
  vectors.forEach((vector, v) => {
    for (let i = 0; i < LENGTH; i++) vector[i] = Math.sin(i + v) / 8;
  });
  // a second moment is not negative
  vectors[2]?.forEach((value, i, all) => (all[i] = Math.abs(value)));
  return vectors;
}

/** Runs it and gives the figures: milliseconds, median (least to greatest). */
export async function benchOptimizer() {
  await startBackend('auto');
  if (kernels.name !== 'native') throw new Error('no native kernels here');
  return cases().map(({ name, versions }) => {
    const times = new Map(
      Object.keys(versions).map((key) => [key, [] as number[]]),
    );
    for (let round = 0; round < ROUNDS; round++) {
      for (const [key, run] of Object.entries(versions)) {
        const start = performance.now();
        for (let i = 0; i < REPEATS; i++) run();
        const tookMs = (performance.now() - start) / REPEATS;
        // the first rounds warm up the engine
        if (round >= ROUNDS / 4) times.get(key)?.push(tookMs);
      }
    }
    const base = median(times.get('wasm') ?? []);
    const told = [...times].flatMap(([key, values]) => [
      [key, spread(values, 3)],
      ...(key === 'wasm'
        ? []
        : [[`${key} / wasm`, (median(values) / base).toFixed(1)]]),
    ]);
    return { kernel: name, ...(Object.fromEntries(told) as object) };
  });
}

function cases(): Case[] {
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof tfjs;
  type Four = [Float32Array, Float32Array, Float32Array, Float32Array];
  const [w, m, v, g] = vectorsOf(false) as Four;
  const [inW, inM, inV, inG] = vectorsOf(true) as Four;
  const halves = new Uint16Array(LENGTH);
  const gradient = { gradientSum: g, count: 256 };
  const converted = (run: (k: Kernels) => unknown) => ({
    wasm: () => run(wasm),
    javascript: () => run(javascriptKernels),
  });
  const [a, b] = [tf.variable(tf.tensor1d(w)), tf.tensor1d(g)];
  const adam = tf.train.adam(0.001);
  return [
    {
      name: 'add',
      versions: {
        native: () => kernels.addInto(inW, inG),
        'native, from elsewhere': () => kernels.addInto(w, g),
        wasm: () => wasm.addInto(inW, inG),
        'wasm, from elsewhere': () => wasm.addInto(w, g),
        javascript: () => javascriptKernels.addInto(w, g),
        tfjs: () => tf.tidy(() => void tf.add(a, b).dataSync()),
      },
    },
    {
      name: 'norm and finite check',
      versions: {
        native: () => kernels.squaredNorm(g),
        ...converted((k) => k.squaredNorm(g)),
        tfjs: () => tf.tidy(() => void tf.sum(tf.square(b)).dataSync()),
      },
    },
    {
      name: 'Adam',
      versions: {
        native: () => kernels.adam([inW, inM, inV], gradient, SCALARS),
        'native, from elsewhere': () =>
          kernels.adam([w, m, v], gradient, SCALARS),
        wasm: () => wasm.adam([inW, inM, inV], gradient, SCALARS),
        'wasm, from elsewhere': () => wasm.adam([w, m, v], gradient, SCALARS),
        javascript: () => javascriptKernels.adam([w, m, v], gradient, SCALARS),
        tfjs: () => adam.applyGradients([{ name: a.name, tensor: b }]),
      },
    },
    {
      name: 'to bfloat16',
      versions: converted((k) => k.encodeBfloat16(g, halves)),
    },
    {
      name: 'from bfloat16',
      versions: converted((k) => k.decodeBfloat16(halves, w)),
    },
    {
      name: 'to float16',
      versions: converted((k) => k.encodeFloat16(g, halves)),
    },
    {
      name: 'from float16',
      versions: converted((k) => k.decodeFloat16(halves, w)),
    },
  ];
}
