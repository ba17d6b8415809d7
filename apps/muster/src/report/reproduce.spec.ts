import { describe, expect, it } from 'vitest';
import type { Summary } from '../run/summary.js';
import { reproductionOf } from './reproduce.js';
import { recordOf } from './testing-record.js';

const given = (text: string) => ({ text, from: 'config.yaml' });
const config = new Map([
  ['epochs', given('1')],
  ['data', given("/my data/it's")],
  ['workers', given('4')],
  ['backend', given('auto')],
] as const);
const summary = {
  ...{ outcome: 'finished', parametersSha256: 'a'.repeat(64) },
  ...{ backend: 'wasm', numerics: 'b'.repeat(64), reproducible: true },
} as Summary;

describe('reproductionOf', () => {
  it('has the settings that decide the bits, and the backend that was used', () => {
    const { command, text } = reproductionOf(recordOf({ config, summary }));
    expect(command.split(' \\\n  ')).toEqual([
      'npx muster train',
      '--epochs 1',
      '--backend wasm',
      // a word of a shell: quoted, and the quote in it escaped
      String.raw`--data '/my data/it'\''s'`,
    ]);
    expect(text).toContain(`SHA-256 ${'a'.repeat(64)}`);
    expect(text).toContain('wasm (numerics bbbbbbbbbbbb)');
  });

  it('promises no bits of a run that has not finished, or was mixed', () => {
    const begun = reproductionOf(recordOf({ config }));
    expect(begun.text).toContain('not known yet');
    const mixed = { ...summary, reproducible: false };
    const { text } = reproductionOf(recordOf({ config, summary: mixed }));
    expect(text).toContain('cannot be had again');
  });

  it('replays a run whose bits depend on an order', () => {
    const { definition } = recordOf();
    const consistency = {
      name: 'async' as const,
      maxStaleness: 9,
      scaling: 'none' as const,
    };
    const record = recordOf({
      config,
      definition: { ...definition, consistency },
    });
    const begun = reproductionOf(record);
    expect(begun.command).toBe('npx muster replay /runs/r1');
    expect(begun.text).toMatch(/ comes to the same bits\.$/);
    const { text } = reproductionOf({ ...record, summary });
    expect(text).toContain(`the same bits, SHA-256 ${'a'.repeat(64)}.`);
  });

  it('has no command for what a program made', () => {
    expect(reproductionOf(recordOf({ summary })).command).toBe('');
    const { definition } = recordOf();
    const model = { ...definition.model, fingerprint: 'c'.repeat(64) };
    const other = recordOf({ config, definition: { ...definition, model } });
    expect(reproductionOf(other).text).toContain('A program made this run');
  });
});
