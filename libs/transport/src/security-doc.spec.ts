import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listenerLimits, namedLimit, type ListenerLimits } from './limits.js';

/** Defaults that follow from a run's slices, in words. */
const IN_WORDS: Readonly<Record<string, string>> = {
  maxPayloadBytes: "the run's slice",
  maxBufferedBytes: 'two full states',
  maxBufferedChunks: 'by frame size',
};

const text = readFileSync(
  new URL('../../../docs/security.md', import.meta.url),
  'utf8',
);
const table = /<!-- begin limits -->([\s\S]*)<!-- end limits -->/.exec(text);
const rows = (table?.[1] ?? '')
  .trim()
  .split('\n')
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()));

describe('docs/security.md', () => {
  const limits = Object.entries(listenerLimits()) as [
    keyof ListenerLimits,
    number,
  ][];

  it('has every limit, once', () => {
    const names = rows.map(([, name]) => name);
    expect(names.sort()).toEqual(limits.map(([name]) => `\`${name}\``).sort());
  });

  it.each(limits)('has the default and the flag of %s', (name, value) => {
    const row = rows.find(([, cell]) => cell === `\`${name}\``);
    const flag = namedLimit(name);
    expect(row?.[2]).toBe(IN_WORDS[name] ?? String(value));
    expect(row?.[3]).toBe(flag === name ? '' : `\`${flag}\``);
    expect(row?.[4]).toMatch(/\w/);
  });
});
