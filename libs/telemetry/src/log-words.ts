/**
 * A log line as people read it: the event in words, then its other fields.
 */
import type { LogLine } from './log-line.js';
import { LOG_PHRASES, SILENT_FIELDS } from './log-phrases.js';
import type { FieldForm } from './log-phrases.js';

/** A field in a phrase: its name, and its form where it has one. */
const FIELD = /\{(\w+)(?::(\w+))?\}/g;
const FINGERPRINT = /^[0-9a-f]{64}$/;

/**
 * Gives `epoch 1 done: train loss 0.3834 ..., step=235`. Control characters
 * stay: whoever prints it takes them out.
 * @param known fields that the reader sees already, such as whose line it is.
 */
export function logWords(
  { event, fields }: Pick<LogLine, 'event' | 'fields'>,
  known: readonly string[] = [],
): string {
  const phrase = LOG_PHRASES[event]?.find((one) => isWhole(one, fields));
  const named = phrase === undefined ? [] : namesIn(phrase);
  const shown = Object.entries(fields).filter(
    ([name, value]) =>
      value !== undefined &&
      value !== null &&
      !SILENT_FIELDS.has(name) &&
      !named.includes(name) &&
      !known.includes(name),
  );
  const head = phrase ? filled(phrase, fields) : event.replaceAll('-', ' ');
  return [head, ...shown.map(([name, value]) => pair(name, value))].join(' ');
}

function isWhole(phrase: string, fields: LogLine['fields']): boolean {
  return namesIn(phrase).every(
    (name) => fields[name] !== undefined && fields[name] !== null,
  );
}

function namesIn(phrase: string): string[] {
  return [...phrase.matchAll(FIELD)].map(([, name = '']) => name);
}

function filled(phrase: string, fields: LogLine['fields']): string {
  return phrase.replaceAll(FIELD, (_, name: string, form?: FieldForm) =>
    shownAs(fields[name], form),
  );
}

function shownAs(value: unknown, form: FieldForm = 'plain'): string {
  if (typeof value !== 'number') return textOf(value);
  switch (form) {
    case 'percent':
      return `${(100 * value).toFixed(2)} %`;
    case 'loss':
      return value.toFixed(4);
    case 'seconds':
      return `${value.toFixed(2)} s`;
    case 'plain':
      return String(value);
  }
}

/** `seconds=0.09`: a fraction has three digits, a text with blanks quotes. */
function pair(name: string, value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return `${name}=${Number(value.toPrecision(3))}`;
  }
  const text = textOf(value);
  return `${name}=${/^\S+$/.test(text) ? text : JSON.stringify(text)}`;
}

/** Of a fingerprint, its beginning tells it from others. */
function textOf(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return FINGERPRINT.test(value) ? value.slice(0, 12) : value;
}
