// Which Node versions are let through, and what the others are told.
import { describe, expect, it } from 'vitest';
import { nodeVersionProblem } from './steps/node-version.mjs';

describe('nodeVersionProblem', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '22.23.3', '24.0.0', '24.21.0'])(
    'lets %s through',
    (version) => {
      expect(nodeVersionProblem(version)).toBe('');
    },
  );

  it.each([
    '8.17.0',
    '18.20.4',
    '20.18.3',
    '21.7.3',
    '22.11.0',
    '23.6.0',
    '26.0.0',
    '',
  ])('refuses %s in one line that names it and what is expected', (version) => {
    const problem = nodeVersionProblem(version);
    expect(problem).toContain(`this is Node ${version}`);
    expect(problem).toMatch(/20.*22.*24/);
    expect(problem).not.toContain('\n');
  });
});
