/**
 * The kinds of value a setting can have. Whether it comes from a flag, the
 * environment or a file, a value is text first, and every kind says in words
 * which text it takes.
 */
import { z } from 'zod';

/** A kind of value: how its text is read, and what to say of it. */
export interface ValueKind<T = unknown> {
  readonly schema: z.ZodType<T, string>;
  /** Completes "expected ..." in messages, help and README. */
  readonly values: string;
}

/** Where to listen. */
export interface Address {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const ON = ['on', 'true', 'yes', '1'];
const OFF = ['off', 'false', 'no', '0'];

/** A whole number within bounds, both included. */
export function wholeNumber(least: number, greatest: number) {
  return {
    schema: z
      .string()
      .regex(/^[+-]?\d+$/)
      .transform(Number)
      .pipe(z.int().min(least).max(greatest)),
    values:
      least === greatest
        ? String(least)
        : `a whole number from ${least} to ${greatest}`,
  } satisfies ValueKind<number>;
}

/** A finite number that `isAllowed`, which `range` says in words. */
export function number(range: string, isAllowed: (value: number) => boolean) {
  return {
    schema: z
      .string()
      .regex(NUMBER)
      .transform(Number)
      .pipe(z.number().refine(isAllowed)),
    values: `a number ${range}`,
  } satisfies ValueKind<number>;
}

/** A number in [0, 1). */
export const shareBelowOne = number(
  'from 0 to below 1',
  (value) => value >= 0 && value < 1,
);

/** A number above 0. */
export const positiveNumber = number('above 0', (value) => value > 0);

/** A number of 0 or more. */
export const numberFromZero = number('of 0 or more', (value) => value >= 0);

/** One of a few words. */
export function oneOf<const T extends readonly [string, ...string[]]>(
  ...words: T
) {
  return {
    schema: z.enum(words),
    values: words.join(' or '),
  } satisfies ValueKind<T[number]>;
}

/** `auto`, or a whole number within bounds. */
export function autoOrWholeNumber(least: number, greatest: number) {
  const { schema, values } = wholeNumber(least, greatest);
  return {
    schema: z.union([z.literal('auto'), schema]),
    values: `auto or ${values}`,
  } satisfies ValueKind<number | 'auto'>;
}

/** `auto`, `off`, or a port. */
export const portChoice = {
  schema: z.union([z.enum(['auto', 'off']), wholeNumber(0, 65_535).schema]),
  values: 'auto, off or a port from 0 to 65535 (0 takes a free one)',
} satisfies ValueKind<number | 'auto' | 'off'>;

/** On or off. */
export const toggle = {
  schema: z
    .string()
    .refine((word) => ON.includes(word) || OFF.includes(word))
    .transform((word) => ON.includes(word)),
  values: 'on or off',
} satisfies ValueKind<boolean>;

/** Any text but none: a path or a name, which `values` says. */
export function text(values: string) {
  return {
    schema: z.string().regex(/^[^\u0000]+$/),
    values,
  } satisfies ValueKind<string>;
}

/** A name as peers are told it: it stands in logs and metrics. */
export const name = {
  schema: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  values: '1 to 64 letters, digits, dots, dashes and underscores',
} satisfies ValueKind<string>;

/** Names of hosts, with commas between. */
export const hostNames = {
  schema: z
    .string()
    .toLowerCase()
    .regex(/^[a-z0-9]([a-z0-9.-]*)(,[a-z0-9][a-z0-9.-]*)*$/),
  values: 'names of hosts, with commas between',
} satisfies ValueKind<string>;

/** HOST:PORT; an IPv6 host stands in brackets. */
export const address = {
  schema: z.string().transform((value, context): Address => {
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:/\s]+)):(\d{1,5})$/.exec(
      value,
    );
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    if (host !== undefined && port <= 65_535) return { host, port };
    context.addIssue('not an address');
    return z.NEVER;
  }),
  values: 'HOST:PORT with a port from 0 to 65535 (0 takes a free one)',
} satisfies ValueKind<Address>;

/**
 * ws://HOST:PORT or wss://HOST:PORT, without a user's name or a path; more
 * than one, with commas between, where others may take over.
 */
export const serverUrl = {
  schema: z.string().refine((value) => value.split(',').every(isServerUrl)),
  values: 'ws://HOST:PORT or wss://HOST:PORT',
} satisfies ValueKind<string>;

function isServerUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, pathname, search, hash } = new URL(value);
  if (!/^wss?:$/.test(protocol)) return false;
  return username + search + hash === '' && pathname === '/';
}

/** Gives the text that reads back as this value. */
export function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value !== 'object' || value === null) return String(value);
  const { host, port } = value as Address;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
