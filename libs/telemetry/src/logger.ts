/**
 * Logs: JSON lines, one line an event; in a terminal the same in words. A line is on its way to the system
 * before the call returns, so that a process that ends, however it ends,
 * loses none.
 */
import { destination as openDestination, pino, stdTimeFunctions } from 'pino';
import type { Logger as PinoLogger } from 'pino';
import { TelemetryError, reasonOf } from './telemetry-error.js';
import { terminalLog } from './terminal-log.js';

/** From the least important on. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
/** What is written: lines of this level and above. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a field of a line can hold: no buffers, so no payloads. */
export type LogValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | Error
  | readonly LogValue[]
  | { readonly [key: string]: LogValue };

/**
 * The fields of a line. One name each for what several processes speak of:
 * `runId`, `workerId`, `incarnation`, `server` (whose line it is), `shard`
 * (of which server it tells), `step`, `epoch`, `code`, `message`.
 */
export type LogFields = Readonly<Record<string, LogValue>>;

/** Where a process tells what happens to it. */
export interface Logger {
  /** Tells what only somebody who looks for a defect wants to know. */
  debug(event: string, fields?: LogFields): void;
  /** Tells a change of state that is part of every run. */
  info(event: string, fields?: LogFields): void;
  /** Tells what may need attention; work goes on. */
  warn(event: string, fields?: LogFields): void;
  /** Tells what ends a task, a connection or the process. */
  error(event: string, fields?: LogFields): void;
  /** Adds fields to every later line; a field that is there is replaced. */
  bind(bindings: LogFields): void;
  /** Gives a logger whose lines carry these fields too; same destination. */
  child(bindings: LogFields): Logger;
  /** Closes the file. Idempotent; lines that come later are dropped. */
  close(): void;
}

/** How a logger is made. */
export interface LoggerOptions {
  /** Which process: `parameter-server`, `worker`, `muster`. */
  readonly name: string;
  readonly level: LogLevel;
  /**
   * A file, made with its folders and appended to, or standard error: JSON
   * lines too, unless that is a terminal.
   */
  readonly destination: { readonly file: string } | 'stderr';
  /** Fields of every line. */
  readonly bindings?: LogFields;
}

/** Fields whose values never reach a log, at the top and one level below. */
const SECRET_FIELDS = ['token', 'authorization', 'password', 'secret'];

/** Bytes kept back while the destination takes none; more lines are dropped. */
const MAX_KEPT_BYTES = 1024 * 1024;

/**
 * Opens a log. If the destination fails later (a full disk), the process goes
 * on: the first failure is told on standard error.
 *
 * @throws {@link TelemetryError} `ERR_CONFIG` if the file cannot be opened.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { destination } = options;
  const isForPeople = destination === 'stderr' && process.stderr.isTTY;
  const file = isForPeople ? undefined : open(destination);
  const root = pino(
    {
      level: options.level,
      base: { name: options.name },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
        censor: '[redacted]',
      },
    },
    file ?? terminalLog(process.stderr, process.env),
  );
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    if (destination !== 'stderr') file?.end();
  };
  return wrap(root, options.bindings ?? {}, { isOpen: () => isOpen, close });
}

function open(destination: LoggerOptions['destination']) {
  const dest = destination === 'stderr' ? 2 : destination.file;
  try {
    const stream = openDestination({
      dest,
      sync: true,
      mkdir: true,
      maxLength: MAX_KEPT_BYTES,
    });
    stream.on('error', tellOnce(destination));
    return stream;
  } catch (error) {
    throw new TelemetryError(
      'ERR_CONFIG',
      `cannot open log file ${dest}: ${reasonOf(error)} (runs are written below --out)`,
      { cause: error },
    );
  }
}

function tellOnce(destination: LoggerOptions['destination']) {
  let isTold = false;
  return (error: unknown) => {
    if (isTold || destination === 'stderr') return;
    isTold = true;
    process.stderr.write(
      `muster: log lines are being lost: cannot write ${destination.file}: ${reasonOf(error)}\n`,
    );
  };
}

/** The file or stream of a logger and of its children. */
interface Shared {
  readonly isOpen: () => boolean;
  readonly close: () => void;
}

/**
 * The bindings are merged here and not by pino's children, which would write
 * a field twice that a line and its bindings have both.
 */
function wrap(to: PinoLogger, bindings: LogFields, shared: Shared): Logger {
  let bound = bindings;
  const at = (level: LogLevel) => (event: string, fields?: LogFields) => {
    if (shared.isOpen()) to[level](finite({ ...bound, event, ...fields }));
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    bind: (more) => {
      bound = { ...bound, ...more };
    },
    child: (more) => wrap(to, { ...bound, ...more }, shared),
    close: shared.close,
  };
}

/** JSON has no NaN and no infinities: a loss that is one must still be seen. */
function finite(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'number' && !Number.isFinite(value)
        ? String(value)
        : value,
    ]),
  );
}

function describeError(error: unknown): LogValue {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : undefined;
  const cause = error.cause === undefined ? undefined : reasonOf(error.cause);
  return { code, message: error.message, cause, stack: error.stack };
}
