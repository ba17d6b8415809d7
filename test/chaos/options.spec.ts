import { describe, expect, it } from 'vitest';
import { readOptions } from './options.js';

describe('readOptions', () => {
  it('has a default for every flag', () => {
    expect(readOptions([])).toEqual({
      ...{ minutes: 10, seed: 1, workers: 3, servers: 2, standby: 0 },
      ...{ epochs: undefined, data: undefined, out: undefined },
      ...{ checkpointEvery: 25, backend: 'auto', json: false },
    });
  });

  it('takes every flag', () => {
    const words =
      '--minutes 0.5 --seed 7 --workers 2 --servers 1 --standby 1 --epochs 3 --data d --out o --checkpoint-every 9 --backend wasm --json';
    expect(readOptions(words.split(' '))).toEqual({
      ...{ minutes: 0.5, seed: 7, workers: 2, servers: 1, standby: 1 },
      ...{ epochs: 3, data: 'd', out: 'o', checkpointEvery: 9 },
      ...{ backend: 'wasm', json: true },
    });
  });

  it.each([
    { words: ['--minutes', 'x'], message: "--minutes: .* got 'x'" },
    { words: ['--minutes', ''], message: "--minutes: .* got ''" },
    { words: ['--minutes', '0'], message: '--minutes: .* from 0.25 to 600' },
    { words: ['--seed', '1.5'], message: "--seed: .*whole number, got '1.5'" },
    { words: ['--standby', '2'], message: '--standby: .* from 0 to 1' },
    { words: ['--epochs', '0'], message: '--epochs: ' },
    { words: ['--minute', '1'], message: "'--minute'" },
  ])('refuses $words', ({ words, message }) => {
    expect(() => readOptions(words)).toThrow(new RegExp(message));
  });
});
