/**
 * The parts of a report about what was run, on what, and how to do it again.
 */
import { formatCount } from '../../view/figures.js';
import { facts } from '../document.js';
import type { Block, Section } from '../document.js';
import { numberIn } from '../json-lines.js';
import { fieldOf } from '../log-lines.js';
import { machinesOf } from '../machines.js';
import { reproductionOf } from '../reproduce.js';
import type { RunRecord } from '../run-record.js';

/** What was trained, and how. */
export function configurationSection({
  definition,
  config,
  summary,
}: RunRecord): Section {
  const { dataset, model, consistency, optimizer, schedule } = definition;
  const { rows, columns, channels } = dataset;
  const layers = model.layout.map(({ name, shape }) => [
    ...[name, shape.join(' x ')],
    formatCount(shape.reduce((product, size) => product * size, 1)),
  ]);
  return {
    heading: 'Configuration',
    blocks: [
      facts([
        [
          'data',
          `${dataset.name}: ${formatCount(dataset.numTrain)} training and ${formatCount(dataset.numTest)} test images of ${rows} x ${columns} x ${channels}, ${dataset.numClasses} classes`,
        ],
        ['SHA-256 of the data', dataset.fingerprint],
        ['epochs', formatCount(definition.epochs)],
        [
          'examples a step',
          `${formatCount(definition.globalBatchSize)}, in ${definition.microBatches} micro-batches`,
        ],
        ['optimizer', words(optimizer)],
        ['learning rate', words(schedule)],
        ['consistency', words(consistency)],
        ['numbers on the wire', definition.wire],
        ['seed', String(definition.seed)],
        [
          'workers',
          summary === undefined
            ? (config.get('workers')?.text ?? '')
            : String(summary.workers),
        ],
        [
          'servers',
          summary === undefined
            ? (config.get('servers')?.text ?? '')
            : String(summary.servers),
        ],
      ]),
      {
        kind: 'text',
        text: `The network has ${formatCount(model.numParameters)} parameters:`,
      },
      { kind: 'table', heads: ['tensor', 'shape', 'parameters'], rows: layers },
    ],
  };
}

/** `adam, beta1 0.9, beta2 0.999`. */
function words(value: { readonly name: string }): string {
  const { name, ...more } = value;
  return [name, ...Object.entries(more).map(wordOf)].join(', ');
}

function wordOf([key, value]: [string, unknown]): string {
  const name = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  if (typeof value !== 'object' || value === null)
    return `${name} ${String(value)}`;
  return `${name} ${words(value as { name: string })}`;
}

/** Which checkpoints were taken, and which lie there. */
export function checkpointsSection({ logs, checkpoints }: RunRecord): Section {
  const taken = logs.filter(({ event }) => event === 'checkpoint');
  const processes = [...new Set(taken.map(({ process }) => process))];
  const rows = processes.map((process) => {
    const own = taken.filter((line) => line.process === process);
    const times = own.map(({ fields }) => 1000 * numberIn(fields, 'seconds'));
    const sorted = times.sort((a, b) => a - b);
    const last = own.at(-1);
    return [
      ...[process, formatCount(own.length)],
      `${(sorted[sorted.length >> 1] ?? 0).toFixed(0)} ms`,
      `${(sorted.at(-1) ?? 0).toFixed(0)} ms`,
      last === undefined
        ? ''
        : `step ${fieldOf(last, 'step')} (${fieldOf(last, 'reason')})`,
    ];
  });
  const lying = checkpoints.map(({ name, bytes }) => [name, sizeText(bytes)]);
  const none: Block = {
    kind: 'text',
    text: 'No checkpoint is told of in the logs.',
  };
  return {
    heading: 'Checkpoints',
    blocks: [
      rows.length === 0
        ? none
        : {
            kind: 'table',
            heads: ['server', 'written', 'median time', 'longest', 'newest'],
            rows,
          },
      { kind: 'table', heads: ['on the disk', 'size'], rows: lying },
    ],
  };
}

/** On what it was computed. */
export function environmentSection({ logs, definition }: RunRecord): Section {
  const machines = machinesOf(logs);
  const known = (value: number, text: string) =>
    Number.isNaN(value) ? '' : text;
  const blocks = machines.map(
    (one): Block =>
      facts([
        ['processes', one.processes.join(', ')],
        ['host', one.host],
        ['processor', one.processor],
        ['cores', known(one.cores, String(one.cores))],
        ['memory', known(one.memoryBytes, sizeText(one.memoryBytes))],
        ['system', one.system],
        ['Node', one.node],
        ['backend', one.backend],
        ['numerics', one.numerics],
      ]),
  );
  const versions = facts([
    ['Muster', `0.1.0, protocol ${definition.protocol}`],
    ['network', `fingerprint ${definition.model.fingerprint}`],
  ]);
  return { heading: 'Environment', blocks: [...blocks, versions] };
}

/** How to have it again. */
export function reproduceSection(record: RunRecord): Section {
  const { command, text } = reproductionOf(record);
  const code: Block[] = command === '' ? [] : [{ kind: 'code', text: command }];
  return {
    heading: 'How to reproduce',
    blocks: [...code, { kind: 'text', text }],
  };
}

function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
