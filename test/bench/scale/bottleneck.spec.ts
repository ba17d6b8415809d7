import { expect, it } from 'vitest';
import { bottleneckOf } from './bottleneck.js';

it('names the largest burden', () => {
  const burdens = { compute: 5, straggler: 1, 'server NIC': 4 };
  const others = { 'server CPU': 3, 'worker NIC': 2 };
  expect(bottleneckOf({ ...burdens, ...others })).toBe('compute');
  const slow = { ...burdens, ...others, 'server NIC': 6 };
  expect(bottleneckOf(slow)).toBe('server NIC');
});
