/**
 * `npm run bench -- NAME [--json] [--python PATH] [--backend NAME]`, with
 * `--epochs N` for `memory` and `telemetry`, `--seeds N` for
 * `time-to-accuracy` and `--rounds N` for `cluster`, `dashboard`, `security`
 * and `telemetry`: measures one thing on this machine and prints it, with the
 * machine beside it.
 */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benchCheckpoints } from './checkpoints.js';
import { benchCluster } from './cluster.js';
import { benchCompute } from './compute.js';
import { benchDashboard } from './dashboard.js';
import { benchDataDownload } from './data-download.js';
import { benchMemory } from './memory.js';
import { benchModes } from './modes.js';
import { benchOptimizer } from './optimizer.js';
import { benchScale } from './scale.js';
import { benchSecurity } from './security.js';
import { benchStragglers } from './stragglers.js';
import { benchTelemetry } from './telemetry.js';
import { benchTimeToAccuracy } from './time-to-accuracy.js';
import { benchWire } from './wire.js';

type Bench = (
  tell: (line: string) => void,
  flags: ReadonlyMap<string, string>,
) => Promise<unknown>;

const BENCHES: Readonly<Record<string, Bench>> = {
  compute: benchCompute,
  optimizer: benchOptimizer,
  wire: benchWire,
  cluster: benchCluster,
  'time-to-accuracy': benchTimeToAccuracy,
  memory: benchMemory,
  modes: benchModes,
  checkpoints: benchCheckpoints,
  'data-download': benchDataDownload,
  stragglers: benchStragglers,
  scale: benchScale,
  security: benchSecurity,
  telemetry: benchTelemetry,
  dashboard: benchDashboard,
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      python: { type: 'string' },
      backend: { type: 'string' },
      epochs: { type: 'string' },
      seeds: { type: 'string' },
      rounds: { type: 'string' },
    },
  });
  const [name = ''] = positionals;
  const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (bench === undefined) {
    const names = Object.keys(BENCHES).join('|');
    process.stderr.write(`usage: npm run bench -- ${names} [--json]\n`);
    return 2;
  }
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  const given = Object.entries(values).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const result = await bench(tell, new Map(given));
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  if (values.json) {
    console.log(JSON.stringify({ name, machine, result }, null, 2));
    return 0;
  }
  console.log(Object.values(machine).join(', '));
  console.table(result);
  return 0;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
