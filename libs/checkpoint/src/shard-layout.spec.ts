import { describe, expect, it } from 'vitest';
import { shardDirectory } from './shard-layout.js';

describe('shardDirectory', () => {
  it('is the root itself for one server', () => {
    expect(shardDirectory('/run/checkpoints', 0, 1)).toBe('/run/checkpoints');
  });

  it.each([
    [0, 2, '/c/shard-0000-of-0002'],
    [1, 3, '/c/shard-0001-of-0003'],
    [9998, 9999, '/c/shard-9998-of-9999'],
  ])('names shard %i of %i', (shard, numShards, path) => {
    expect(shardDirectory('/c', shard, numShards)).toBe(path);
  });

  it.each([
    [3, 3, 'shard: expected an integer from 0 to 2, got 3'],
    [-1, 3, 'shard: expected an integer from 0 to 2, got -1'],
    [0.5, 3, 'shard: expected an integer from 0 to 2, got 0.5'],
    [1, 1, 'shard: expected an integer from 0 to 0, got 1'],
    [0, 0, 'number of shards: expected an integer from 1 to 9999, got 0'],
    [0, NaN, 'number of shards: expected an integer from 1 to 9999, got NaN'],
    [
      0,
      10_000,
      'number of shards: expected an integer from 1 to 9999, got 10000',
    ],
  ])('refuses shard %d of %d', (shard, numShards, message) => {
    expect(() => shardDirectory('/c', shard, numShards)).toThrow(
      new RangeError(message),
    );
  });
});
