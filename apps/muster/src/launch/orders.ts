/**
 * What the launcher and the agent of a host say to each other: one JSON value
 * a line, orders on the agent's standard input, news on its standard output.
 * The token and every setting come this way: the words of a command can be
 * seen by everybody who is logged in.
 */
import { ERROR_CODES } from '@muster/protocol';
import { z } from 'zod';

const name = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
const milliseconds = z.int().min(1);

/** PEM texts. */
const tlsTexts = z.strictObject({
  cert: z.string(),
  key: z.string(),
  ca: z.string(),
});
const secrets = {
  token: z.string().min(1),
  /** What the servers show, where they run here. */
  serverTls: tlsTexts.optional(),
  /** What the workers of this host show. */
  workerTls: tlsTexts.optional(),
};

/** What a host is given to show to others. */
export type HostSecrets = z.infer<z.ZodObject<typeof secrets>>;
/** A certificate, its key, and its CA: PEM texts. */
export type TlsTexts = z.infer<typeof tlsTexts>;

const serverOrder = z.strictObject({
  type: z.literal('server'),
  /** The words of `muster` before `--listen` and `--token-file`. */
  args: z.array(z.string()),
  /** Under which other hosts reach this one. */
  address: z.string(),
  /** What was asked for; the agent chooses when it was not. */
  listen: z.strictObject({ host: z.string(), port: z.int() }).optional(),
});
const workersOrder = z.strictObject({
  type: z.literal('workers'),
  names: z.array(name),
  /** Settings of each; `WORKER_ID` and the token's file are the agent's. */
  env: z.record(z.string(), z.string()),
  maxRestarts: z.int().min(0),
});

/** What an agent is told. */
export const orderSchema = z.discriminatedUnion('type', [
  /** The first one. */
  z.strictObject({
    type: z.literal('begin'),
    ...secrets,
    /** A sign of life is given so often. */
    heartbeatMs: milliseconds,
    /** Silence after which the other side counts as gone. */
    timeoutMs: milliseconds,
  }),
  serverOrder,
  workersOrder,
  z.strictObject({ type: z.literal('heartbeat') }),
  /** Hands a signal on to the server: a checkpoint, then an orderly end. */
  z.strictObject({
    type: z.literal('signal'),
    signal: z.enum(['SIGINT', 'SIGTERM']),
  }),
  /** Ends everything: with SIGTERM, or at once. */
  z.strictObject({ type: z.literal('stop'), atOnce: z.boolean() }),
]);
/** One of {@link orderSchema}. */
export type Order = z.infer<typeof orderSchema>;

/** What an agent tells. */
export const newsSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), node: z.string() }),
  z.strictObject({ type: z.literal('heartbeat') }),
  z.strictObject({
    type: z.literal('started'),
    process: name,
    pid: z.int(),
  }),
  /** A line that a process wrote. */
  z.strictObject({
    type: z.literal('line'),
    process: name,
    text: z.string(),
  }),
  /** A report of the server, as it tells its launcher. */
  z.strictObject({
    type: z.literal('report'),
    report: z.looseObject({ type: z.string() }),
  }),
  z.strictObject({ type: z.literal('notice'), text: z.string() }),
  /** A process has ended and is not started again. */
  z.strictObject({
    type: z.literal('ended'),
    process: name,
    code: z.int().nullable(),
    signal: z.string().nullable(),
    lastLine: z.string().optional(),
  }),
  /** The run cannot go on, or not here. */
  z.strictObject({
    type: z.literal('failed'),
    process: name,
    code: z.enum(ERROR_CODES),
    message: z.string(),
  }),
  /** The agent is about to end, with nothing left. */
  z.strictObject({ type: z.literal('stopped'), reason: z.string() }),
]);
/** One of {@link newsSchema}. */
export type News = z.infer<typeof newsSchema>;

/** A value as one line; Node takes two further characters for line breaks. */
export function lineOf(value: Order | News): string {
  const text = JSON.stringify(value)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
  return `${text}\n`;
}

/** Reads a line; undefined when it is none of ours, such as a login's words. */
export function readLine<T>(schema: z.ZodType<T>, line: string): T | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
