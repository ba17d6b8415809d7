/**
 * How long processes took to come back, read from the log lines of a run and
 * the faults that were carried out. Pure. All times in epoch milliseconds.
 *
 * ```
 *             |--start---|------ rejoin ------|
 * worker:  SIGKILL  process-started        working
 *
 *        |--- fault ---|----- rejoin -----|
 * worker:  disconnected                working
 *
 *             |--start---|------ restart -------|
 * server:  SIGKILL  process-started    training-resumed (coordinator)
 * ```
 */
import { isServer } from './fault.js';
import type { FaultRecord } from './fault.js';
import type { LogLine } from './log-lines.js';
import { Story } from './story.js';
import type { Found, Recovery } from './story.js';

export type { Recovery };

/** All recoveries of a run. */
export interface Recoveries {
  /** Of workers that were away, but not because a server was killed. */
  readonly rejoins: readonly Recovery[];
  readonly restarts: readonly Recovery[];
  /** From SIGKILL to `process-started`: restart by the launcher, libraries. */
  readonly workerStarts: readonly Recovery[];
  readonly serverStarts: readonly Recovery[];
  /** From the coordinator's SIGKILL to a standby's `training-resumed`. */
  readonly takeovers: readonly Recovery[];
  /** Kills and absences whose end is not in the logs. */
  readonly unfinished: number;
}

/**
 * Finds them.
 * @param lines of all processes, in the order of time.
 */
export function recoveries(
  lines: readonly LogLine[],
  faults: readonly FaultRecord[],
): Recoveries {
  const story = new Story(lines, faults);
  const kills = story.faults.filter(({ kind }) => kind === 'kill');
  const starts = kills.map((kill) => story.start(kill));
  const ofServers = kills.filter(({ target }) => isServer(target));
  const restarts = ofServers.map((kill) => story.restart(kill));
  const rejoins = story.absences.map((absence) => story.rejoin(absence));
  const all = [...starts, ...restarts, ...rejoins];
  const isOf = (sort: string) => (one: Recovery) =>
    one.process.startsWith(`${sort}-`);
  return {
    rejoins: rejoins.filter(isRecovery),
    restarts: restarts.filter(isRecovery),
    workerStarts: starts.filter(isRecovery).filter(isOf('worker')),
    serverStarts: starts.filter(isRecovery).filter(isOf('server')),
    takeovers: ofServers.map((kill) => story.takeover(kill)).filter(isRecovery),
    unfinished: all.filter((one) => one === 'unfinished').length,
  };
}

function isRecovery(found: Found): found is Recovery {
  return typeof found !== 'string';
}
