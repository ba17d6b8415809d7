import { describe, expect, it } from 'vitest';
import { fileKeyOf, flagOf, nearestName, variableOf } from './names.js';

describe('the names of a setting', () => {
  it('are made from its key', () => {
    expect(flagOf('globalBatch')).toBe('--global-batch');
    expect(variableOf('globalBatch')).toBe('MUSTER_GLOBAL_BATCH');
    expect(fileKeyOf('globalBatch')).toBe('global-batch');
  });

  it('keep digits where they are', () => {
    expect(flagOf('beta1')).toBe('--beta1');
    expect(variableOf('beta1')).toBe('MUSTER_BETA1');
  });
});

describe('nearestName', () => {
  const names = ['server', 'servers', 'workers', 'seed', 'data'];

  it('takes the name with the fewest changes', () => {
    expect(nearestName('wokers', names)).toBe('workers');
    expect(nearestName('serverz', names)).toBe('server');
    expect(nearestName('sede', ['seed', 'data'])).toBeUndefined();
  });

  it('counts one change a letter and allows one in three', () => {
    // abcdef -> abcxyf: two changes of six letters; abxyzf: three.
    expect(nearestName('abcxyf', ['abcdef'])).toBe('abcdef');
    expect(nearestName('abxyzf', ['abcdef'])).toBeUndefined();
  });

  it('does not mind the case', () => {
    expect(nearestName('WORKERS', names)).toBe('workers');
  });

  it('proposes nothing where nothing is near', () => {
    expect(nearestName('quux', names)).toBeUndefined();
    expect(nearestName('', names)).toBeUndefined();
  });
});
