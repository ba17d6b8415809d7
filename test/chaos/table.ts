/**
 * The report for people: a table of a few lines. Pure.
 */
import type { ChaosReport } from './report.js';
import { FAULT_KINDS } from './fault.js';
import type { Spread } from './statistics.js';

/** Gives the text, without a line break at the end. */
export function tableOf(report: ChaosReport): string {
  const { faults, course, differences } = report;
  const kinds = FAULT_KINDS.map((kind) => `${kind} ${faults[kind]}`);
  return [
    `faults ${faults.total}: ${kinds.join(', ')} (${faults.skipped} skipped)`,
    `SIGKILL of servers ${faults.killsOfServers}, of them the coordinator ${faults.killsOfCoordinator}`,
    '',
    row(['seconds', 'count', 'p50', 'p99', 'max']),
    ...rowsOf(report),
    `not finished ${report.unfinished}`,
    '',
    `training ${seconds(course.seconds)} s, undisturbed ${seconds(report.undisturbedSeconds)} s`,
    `steps ${course.steps}, redone ${course.stepsRedone} in ${course.rollbacks} rollbacks`,
    `goodput ${share(course.goodput)}, pace ${share(report.pace)} of the undisturbed run`,
    `sha256 ${report.sha256}`,
    report.isSame
      ? 'the same as the undisturbed run'
      : `NOT the undisturbed run: ${differences.join('; ')}`,
  ].join('\n');
}

function rowsOf(report: ChaosReport): string[] {
  const rows: [string, Spread][] = [
    ['worker rejoin', report.rejoin.alone],
    ['  with other faults', report.rejoin.overlapped],
    ['server restart', report.serverRestart.alone],
    ['  with other faults', report.serverRestart.overlapped],
    ['standby takeover', report.takeover.alone],
    ['  with other faults', report.takeover.overlapped],
    ['worker process start', report.workerStart],
    ['server process start', report.serverStart],
  ];
  return rows.map(([name, { count, p50, p99, max }]) =>
    row([name, String(count), seconds(p50), seconds(p99), seconds(max)]),
  );
}

function row([name = '', ...cells]: readonly string[]): string {
  const padded = cells.map((cell) => cell.padStart(9));
  return name.padEnd(22) + padded.join('');
}

function seconds(value: number | null): string {
  return value === null ? '-' : value.toFixed(2);
}

function share(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}
