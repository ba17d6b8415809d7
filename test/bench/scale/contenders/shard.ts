/**
 * A parameter server's arithmetic as a contender: the real shard, pushed to.
 * A question is `{length, steps}`, an answer the milliseconds of processor
 * time that the pushes of a step of four took, the middle over all steps, and
 * those of rounding to bfloat16 and of both conversions.
 */
import { createInterface } from 'node:readline';
import { ParameterShard } from '@muster/cluster';
import { kernels } from '@muster/optimizer';
import { median } from '../../statistics.js';
import { runOf } from '../brain-run.js';

/** What is asked. */
export interface ShardQuestion {
  /** Elements of the slice. */
  readonly length: number;
  readonly steps: number;
}

/** Milliseconds of processor time. */
export interface ShardAnswer {
  /** Check; check and add; check; check, two adds, and the optimizer. */
  readonly pushes: readonly number[];
  readonly round: number;
  readonly encode: number;
  readonly decode: number;
}

const LEAVES = 4;
const WARM_UP = 5;

/** Milliseconds of processor time that something takes. */
function timeOf(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function pushes({ length, steps }: ShardQuestion): number[] {
  const run = runOf(LEAVES, { steps: steps + WARM_UP, parameters: length });
  const range = { begin: 0, end: length };
  const zeros = { m: new Float32Array(length), v: new Float32Array(length) };
  const parameters = new Float32Array(length).fill(0.5);
  const start = { version: 0, parameters, slots: zeros, ...range };
  const shard = new ParameterShard(run, start);
  const times: number[][] = [[], [], [], []];
  for (let step = 0; step < steps + WARM_UP; step++) {
    for (let leaf = 0; leaf < LEAVES; leaf++) {
      const slice = new Float32Array(length).fill(0.25 + step);
      const leaves = { step, firstLeaf: leaf, numLeaves: 1, base: step };
      const sums = { slice, count: 1, lossSum: 1, correct: 0 };
      const ms = timeOf(() => shard.push({ ...leaves, ...range, ...sums }));
      if (step >= WARM_UP) times[leaf]?.push(ms);
    }
  }
  return times.map((values) => median(values));
}

function conversion(times: number, run: () => unknown): number {
  run();
  return median(Array.from({ length: times }, () => timeOf(run)));
}

function answer(question: ShardQuestion): ShardAnswer {
  const { length, steps } = question;
  const slice = new Float32Array(length).fill(0.25);
  const halves = new Uint16Array(length);
  return {
    pushes: pushes(question),
    round: conversion(steps, () => kernels.roundToBfloat16(slice)),
    encode: conversion(steps, () => kernels.encodeBfloat16(slice, halves)),
    decode: conversion(steps, () => kernels.decodeBfloat16(halves, slice)),
  };
}

console.log('{"ready":true}');
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line) as ShardQuestion)));
}
