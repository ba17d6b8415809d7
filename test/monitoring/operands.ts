/**
 * What an expression is made of, as far as a spec has to know: the selectors
 * of series in it.
 */

/** Words of PromQL that look like the name of a metric. */
const NO_METRICS =
  /^(?:by|without|on|ignoring|group_left|group_right|and|or|unless|bool|offset|Inf|NaN)$/;

/**
 * Gives each selector once: a metric's name with its matchers, without range
 * or offset. A word before a bracket is a function, and labels are in one.
 */
export function operandsOf(expression: string): string[] {
  const plain = expression.replaceAll(
    /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g,
    ' ',
  );
  const words = plain.matchAll(
    /(?<![\w:"=~])([a-zA-Z_:][\w:]*)(?!\s*\(|[\w:])(\{[^}]*\})?/g,
  );
  const found = [...words]
    .filter(([, name = '']) => !NO_METRICS.test(name))
    .map(([, name = '', matchers = '']) => name + matchers);
  return [...new Set(found)];
}
