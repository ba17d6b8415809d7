/**
 * What a report holds, whatever it is written as: `to-html.ts` and
 * `to-markdown.ts` put the same document on paper.
 */
import type { HardExample } from '@muster/data';
import type { Html } from './markup.js';

/** A report. */
export interface ReportDocument {
  readonly title: string;
  /** The figures that are looked for first. */
  readonly tiles: readonly Tile[];
  readonly sections: readonly Section[];
  /** The last line. */
  readonly foot: string;
}

/** One figure and what it is. */
export interface Tile {
  readonly name: string;
  readonly value: string;
  readonly detail?: string | undefined;
}

/** A part with a heading; the first one has none. */
export interface Section {
  readonly heading: string;
  readonly blocks: readonly Block[];
}

/** What a section is made of. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'note';
      readonly mood: 'good' | 'info' | 'bad';
      readonly text: string;
    }
  | { readonly kind: 'code'; readonly text: string }
  | {
      readonly kind: 'table';
      readonly heads: readonly string[];
      readonly rows: readonly (readonly string[])[];
      /** Rows that stand out. */
      readonly marked?: ReadonlySet<number>;
    }
  | {
      readonly kind: 'chart';
      readonly svg: Html;
      readonly caption: string;
      /** What a text file shows instead, a line each. */
      readonly texts: readonly string[];
    }
  | {
      readonly kind: 'confusion';
      /** `counts[label][answer]`. */
      readonly counts: readonly (readonly number[])[];
    }
  | { readonly kind: 'examples'; readonly examples: readonly ShownExample[] };

/** A test example with its picture. */
export interface ShownExample extends HardExample {
  /** A PNG file. */
  readonly png: Buffer;
}

/** A table of names and values. */
export function facts(
  rows: readonly (readonly [name: string, value: string])[],
): Block {
  const known = rows.filter(([, value]) => value !== '');
  return { kind: 'table', heads: [], rows: known };
}
