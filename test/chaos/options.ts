/**
 * The words of `npm run chaos -- ...`.
 */
import { parseArgs } from 'node:util';

/** What was asked for. */
export interface ChaosOptions {
  /** How long faults come. */
  readonly minutes: number;
  /** Decides the run and the faults; uint32. */
  readonly seed: number;
  readonly workers: number;
  readonly servers: number;
  readonly standby: 0 | 1;
  /** Undefined: as many as the minutes need, by a short run of one epoch. */
  readonly epochs: number | undefined;
  /** Folder of the data set; undefined: the MNIST digits. */
  readonly data: string | undefined;
  /** Steps from one checkpoint to the next. */
  readonly checkpointEvery: number;
  readonly backend: string;
  /** Folder of the runs; it is kept. Undefined: a temporary one. */
  readonly out: string | undefined;
  readonly json: boolean;
}

const FLAGS = {
  minutes: { type: 'string', default: '10' },
  seed: { type: 'string', default: '1' },
  workers: { type: 'string', default: '3' },
  servers: { type: 'string', default: '2' },
  standby: { type: 'string', default: '0' },
  epochs: { type: 'string' },
  data: { type: 'string' },
  'checkpoint-every': { type: 'string', default: '25' },
  backend: { type: 'string', default: 'auto' },
  out: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

/** @throws Error that names the flag, what it takes, and what it got. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  const { epochs, data, backend, out, json } = values;
  const every = values['checkpoint-every'];
  return {
    minutes: number('minutes', values.minutes, 0.25, 600),
    seed: whole('seed', values.seed, 0, 4_294_967_295),
    workers: whole('workers', values.workers, 1, 1024),
    servers: whole('servers', values.servers, 1, 64),
    standby: whole('standby', values.standby, 0, 1) === 1 ? 1 : 0,
    epochs: epochs === undefined ? epochs : whole('epochs', epochs, 1, 1e6),
    checkpointEvery: whole('checkpoint-every', every, 0, 1e9),
    ...{ data, backend, out, json },
  };
}

function whole(name: string, text: string, least: number, most: number) {
  const value = number(name, text, least, most);
  if (Number.isInteger(value)) return value;
  throw new Error(`--${name}: expected a whole number, got '${text}'`);
}

function number(name: string, text: string, least: number, most: number) {
  const value = text.trim() === '' ? NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new Error(
    `--${name}: expected a number from ${least} to ${most}, got '${text}'`,
  );
}
