import { availableParallelism, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { hostFacts } from './host-facts.js';

describe('hostFacts', () => {
  it('tells the machine and the Node of this process', () => {
    const facts = hostFacts();
    expect(facts).toMatchObject({
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      node: process.versions.node,
    });
    expect(facts.system).toContain(process.arch);
    expect(facts.host).not.toBe('');
  });
});
