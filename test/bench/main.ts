/**
 * `npm run bench -- NAME [--json]`: measures one thing on this machine and
 * prints it, with the machine beside it.
 */
import { cpus, totalmem } from 'node:os';
import { benchCheckpoints } from './checkpoints.js';
import { benchModes } from './modes.js';
import { benchStragglers } from './stragglers.js';

const BENCHES = {
  modes: benchModes,
  checkpoints: benchCheckpoints,
  stragglers: benchStragglers,
};

async function main(): Promise<number> {
  const [name = '', ...flags] = process.argv.slice(2);
  const bench = Object.entries(BENCHES).find(([known]) => known === name)?.[1];
  if (bench === undefined) {
    const names = Object.keys(BENCHES).join('|');
    process.stderr.write(`usage: npm run bench -- ${names} [--json]\n`);
    return 2;
  }
  const result = await bench((line) => process.stderr.write(`${line}\n`));
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
  if (flags.includes('--json')) {
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
