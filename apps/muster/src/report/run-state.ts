/**
 * How a run stands, by its summary and its logs. Pure.
 */
import { fieldOf, kindOf } from './log-lines.js';
import type { LogLine } from './log-lines.js';
import type { RunRecord } from './run-record.js';

/** How a run stands. */
export interface RunState {
  readonly word: 'finished' | 'stopped' | 'failed' | 'unfinished';
  /** A sentence that says it to people. */
  readonly text: string;
  /** How often it was begun or gone on with. */
  readonly lives: number;
  /** The newest version that is known of. */
  readonly steps: number;
}

type Known = Pick<RunRecord, 'summary' | 'logs' | 'metrics' | 'path'>;

/** Finds out how a run stands. */
export function stateOf(record: Known): RunState {
  const { summary, metrics, path } = record;
  const steps = Math.max(
    summary?.steps ?? 0,
    metrics.steps.at(-1)?.step ?? 0,
    metrics.epochs.at(-1)?.step ?? 0,
  );
  const known = { steps, lives: livesOf(record) };
  const end = lastEnd(record.logs);
  const goOn = `go on with: npx muster train --resume ${path}`;
  if (end?.word === 'failed') {
    const text = `The run failed at step ${steps}: ${end.text} It can ${goOn}`;
    return { ...known, word: 'failed', text };
  }
  if (end?.word === 'alive' || summary === undefined) {
    const text = `The run has not come to its end: it stands at step ${steps}, and is still running or was cut off. If it was, ${goOn}`;
    return { ...known, word: 'unfinished', text };
  }
  if (summary.outcome === 'drained') {
    const text = `The run was stopped at step ${steps}. To ${goOn}`;
    return { ...known, word: 'stopped', text };
  }
  const again =
    known.lives > 1
      ? ` It was stopped and gone on with: ${known.lives} lives.`
      : '';
  const text = `The run finished after ${steps} steps.${again}`;
  return { ...known, word: 'finished', text };
}

/** What the last life came to, as far as it is in the logs. */
function lastEnd(
  lines: readonly LogLine[],
): { word: 'failed' | 'ended' | 'alive'; text: string } | undefined {
  const ends = lines.filter(({ process, event }) =>
    kindOf(process) === 'launcher'
      ? /^run-(started|ended|failed)$/.test(event)
      : kindOf(process) === 'server' && /^(process-started|ended)$/.test(event),
  );
  const told = ends.filter(({ process }) => kindOf(process) === 'launcher');
  // a launcher knows the whole run; without one its servers are asked
  const last = (told.length > 0 ? told : ends).at(-1);
  if (last === undefined) return undefined;
  const isFailed =
    last.event === 'run-failed' || fieldOf(last, 'outcome') === 'failed';
  if (isFailed) {
    const [message, code] = ['message', 'code'].map((f) => fieldOf(last, f));
    return { word: 'failed', text: `${message} (${code}).` };
  }
  const isBegin = /started$/.test(last.event);
  return { word: isBegin ? 'alive' : 'ended', text: '' };
}

function livesOf({ logs }: Known): number {
  const told = logs.filter(({ event }) => event === 'run-started').length;
  if (told > 0) return told;
  const stops = logs.filter(
    (line) =>
      line.event === 'ended' &&
      kindOf(line.process) === 'server' &&
      fieldOf(line, 'outcome') === 'drained',
  );
  const servers = new Set(stops.map(({ process }) => process)).size;
  return 1 + (servers === 0 ? 0 : Math.round(stops.length / servers));
}
