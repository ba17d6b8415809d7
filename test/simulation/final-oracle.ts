/**
 * What must be true when a run has ended.
 */
import { Plan } from '@muster/cluster';
import type {
  LedgerState,
  OrderEntry,
  RunEnd,
  RunReport,
} from '@muster/cluster';
import type { Launcher } from './launcher.js';
import { referenceOf, replayOf, testCountsOf } from './reference.js';
import type { Reference } from './reference.js';
import type { Scenario } from './scenario.js';
import type { SimulatedServer } from './simulated-server.js';
import { hashOf } from './tiny-run.js';

interface Ended {
  readonly scenario: Scenario;
  readonly launcher: Launcher;
  /** The coordinator that ended the run. */
  readonly winner: SimulatedServer;
  readonly end: RunEnd;
  /** Of all servers, in order. */
  readonly reports: readonly RunReport[];
  /** Whether so many checkpoints were damaged that the run may be lost. */
  readonly mayBeDamaged: boolean;
}

/** Gives what is wrong, or nothing. */
export function checkEnd(ended: Ended): string | undefined {
  const { end, mayBeDamaged, winner, scenario } = ended;
  if (end.outcome === 'failed') {
    const isLost = mayBeDamaged && end.code === 'ERR_CHECKPOINT_CORRUPT';
    // nobody else was there to show that it is this worker's fault
    const isNaN =
      end.code === 'ERR_NON_FINITE_GRADIENT' &&
      scenario.faults.some(({ kind }) => kind === 'nan-worker');
    return isLost || isNaN
      ? undefined
      : `the run failed: ${end.message} (${end.code})`;
  }
  const parts = partsOf(ended);
  if (typeof parts === 'string') return parts;
  const { run } = scenario;
  const reference = referenceFor(ended, parts);
  if (typeof reference === 'string') return reference;
  const last = reference.versions.length - 1;
  const { totalVersions } = new Plan(run);
  if (last !== totalVersions) {
    return `the order gives ${last} versions, the run has ${totalVersions}`;
  }
  const final = reference.versions[last] as Float32Array;
  for (const [k, { who, parameters }] of parts.entries()) {
    const { begin, end: limit } = ended.launcher.ranges[k] ?? {};
    if (hashOf(parameters) !== hashOf(final.subarray(begin, limit))) {
      return `${who} ended with other parameters than one process`;
    }
  }
  return (
    ledgerProblem(winner.machine.ledger, scenario, reference) ??
    mistakesProblem(ended, reference)
  );
}

/** A shard's part of the result. */
interface Part {
  readonly who: string;
  readonly parameters: Float32Array;
  readonly order: readonly OrderEntry[];
}

/** The parts of the result, in a server's memory or on its disk. */
function partsOf({ launcher, winner }: Ended): Part[] | string {
  const { totalVersions = 0 } = winner.machine.shard?.plan ?? {};
  const parts: Part[] = [];
  for (const [k] of launcher.ranges.entries()) {
    const leader = launcher.servers.find(
      ({ shard, machine }) =>
        shard === k &&
        machine.role === 'primary' &&
        machine.term === winner.machine.term &&
        machine.shard?.version === totalVersions,
    );
    const server = k === 0 ? winner : (leader ?? launcher.finishedOf(k));
    const { version, parameters } = server?.machine.shard ?? {};
    if (server && parameters && version === totalVersions) {
      parts.push({ who: server.name, parameters, order: server.order });
      continue;
    }
    // it may have died just after the end
    const saved = launcher.disks[k]?.read(totalVersions);
    if (!saved) return `no server of shard ${k} has the last version`;
    parts.push({ who: `the disk of shard ${k}`, ...saved });
  }
  return parts;
}

function referenceFor(
  { scenario, launcher }: Ended,
  parts: readonly Part[],
): Reference | string {
  const { run } = scenario;
  if (!new Plan(run).isOnArrival) return referenceOf(run);
  try {
    const orders = parts.map(({ order }) => order);
    return replayOf(run, launcher.ranges, orders);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function ledgerProblem(
  ledger: LedgerState,
  { run }: Scenario,
  { versions }: Reference,
): string | undefined {
  const { examplesApplied, examplesLost, history, owed } = ledger;
  const expected = run.dataset.numTrain * run.epochs;
  if (examplesApplied !== expected || examplesLost !== 0) {
    return `${examplesApplied} examples were applied and ${examplesLost} lost, expected ${expected} and 0`;
  }
  if (history.length !== run.epochs || owed !== null) {
    return `${history.length} epochs were evaluated, expected ${run.epochs}`;
  }
  const { versionsPerEpoch } = new Plan(run);
  for (const [i, result] of history.entries()) {
    const { epoch, version, testCorrect, testCount } = result;
    if (epoch !== i + 1 || version !== epoch * versionsPerEpoch) {
      return `epoch ${i + 1} was evaluated as ${epoch} at version ${version}`;
    }
    const counts = testCountsOf(run, versions[version] as Float32Array);
    if (counts.correct !== testCorrect || counts.count !== testCount) {
      return `epoch ${epoch} has ${testCorrect} of ${testCount} correct, expected ${counts.correct} of ${counts.count}`;
    }
  }
  return undefined;
}

/**
 * Who is told of an epoch's evaluation is told of the mistakes that one
 * process makes. Where the order of arrival decides, an evaluation may have
 * been of a history that was given up.
 */
function mistakesProblem(
  { reports, scenario: { run }, winner }: Ended,
  { versions }: Reference,
): string | undefined {
  const { isOnArrival } = new Plan(run);
  for (const { version } of winner.machine.ledger.history) {
    const parameters = versions[version] as Float32Array;
    const expected = JSON.stringify(testCountsOf(run, parameters).mistakes);
    const told = reports.flatMap((report) =>
      report.type === 'evaluated' && report.result.version === version
        ? [JSON.stringify(report.mistakes)]
        : [],
    );
    const isRight = (one: string) => one === expected;
    if (!told.some(isRight) || !(isOnArrival || told.every(isRight))) {
      return `version ${version} makes the mistakes ${expected}, told were ${told.join(' and ')}`;
    }
  }
  return undefined;
}
