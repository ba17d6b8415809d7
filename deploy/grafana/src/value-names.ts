/** Words in the place of numbers. */
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';

/** Gives each number its word and colour: `{ 1: ['Yes', 'green'] }`. */
export function named(
  words: Readonly<Record<number, readonly [text: string, color: string]>>,
): ValueMapping[] {
  const entries = Object.entries(words).map(([value, [text, color]], index) => [
    value,
    { text, color, index },
  ]);
  const options = Object.fromEntries(entries) as Record<
    string,
    { text: string; color: string; index: number }
  >;
  return [{ type: MappingType.ValueToText, options }];
}
