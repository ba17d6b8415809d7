/**
 * What makes one version of the parameters, by consistency mode, and which
 * versions the work stops at: everybody derives the same from the run alone.
 *
 * | mode             | a version is          | a segment is                     |
 * | ---------------- | --------------------- | -------------------------------- |
 * | `sync`           | one step              | one step                         |
 * | `local`          | one round of H steps  | one round                        |
 * | `bounded` `async`| one contribution      | contributions to the next stop   |
 *
 * A segment's units are handed out together, and it is over when every unit
 * is in on every server: at its end the servers agree, whatever came before.
 */
import { learningRateAt } from '@muster/optimizer';
import { versionsPerEpoch } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import { Schedule } from './schedule.js';
import type { ScheduledRun } from './schedule.js';

/** What {@link Plan} needs to know of a run. */
export type PlannedRun = ScheduledRun &
  Pick<RunDefinition, 'consistency' | 'schedule'>;

/** Leaves of one step: what a task is about. */
export interface LeafRun {
  /** Global step, from 0; in mode `local` the first of a round. */
  readonly step: number;
  /** From 0, within the step. */
  readonly firstLeaf: number;
  readonly numLeaves: number;
}

/** Units that are out together. */
export interface Segment {
  /** The version at its beginning. */
  readonly firstVersion: number;
  /** The version at its end. */
  readonly endVersion: number;
  readonly numUnits: number;
}

/** See the head of this file. Immutable but for the schedule's cache. */
export class Plan {
  readonly schedule: Schedule;
  /** Versions that an epoch makes. */
  readonly versionsPerEpoch: number;
  /** Of the run, over all epochs: its last version. */
  readonly totalVersions: number;
  /** Whether gradients are applied one by one, as they arrive. */
  readonly isOnArrival: boolean;
  readonly #run: PlannedRun;
  /** Steps a version: 1, or H. */
  readonly #localSteps: number;

  constructor(run: PlannedRun) {
    this.#run = run;
    this.schedule = new Schedule(run);
    const { name } = run.consistency;
    this.isOnArrival = name === 'bounded' || name === 'async';
    this.#localSteps =
      run.consistency.name === 'local' ? run.consistency.steps : 1;
    this.versionsPerEpoch = versionsPerEpoch(run);
    this.totalVersions = this.versionsPerEpoch * run.epochs;
  }

  /** The epoch, from 0, that version `version` is made in. */
  epochOf(version: number): number {
    return Math.floor(version / this.versionsPerEpoch);
  }

  /** Whether an epoch ends with this version. */
  endsEpoch(version: number): boolean {
    return version > 0 && version % this.versionsPerEpoch === 0;
  }

  /** The global step that is worked on at this version. */
  stepOf(version: number): number {
    const epoch = this.epochOf(version);
    const inEpoch = version % this.versionsPerEpoch;
    const { stepsPerEpoch } = this.schedule;
    const step = this.isOnArrival
      ? Math.floor(inEpoch / this.#run.microBatches)
      : inEpoch * this.#localSteps;
    return epoch * stepsPerEpoch + step;
  }

  /** The version that a leaf of this step goes into, or is the place of. */
  versionOf(step: number, leaf: number): number {
    const { stepsPerEpoch } = this.schedule;
    const epoch = Math.floor(step / stepsPerEpoch);
    const inEpoch = step % stepsPerEpoch;
    const version = this.isOnArrival
      ? inEpoch * this.#run.microBatches + leaf
      : Math.floor(inEpoch / this.#localSteps);
    return epoch * this.versionsPerEpoch + version;
  }

  /** Global steps `[first, end)` of the round that begins with `step`. */
  stepsFrom(step: number): { first: number; end: number } {
    const { stepsPerEpoch } = this.schedule;
    const epochEnd = (Math.floor(step / stepsPerEpoch) + 1) * stepsPerEpoch;
    return { first: step, end: Math.min(step + this.#localSteps, epochEnd) };
  }

  /** Examples that a task's leaves hold, over all of its local steps. */
  countOf({ step, firstLeaf, numLeaves }: LeafRun): number {
    const { first, end } = this.stepsFrom(step);
    let count = 0;
    for (let s = first; s < end; s++) {
      const present = Math.min(
        numLeaves,
        this.schedule.stepAt(s).numLeaves - firstLeaf,
      );
      if (present > 0) count += this.schedule.countOf(s, firstLeaf, present);
    }
    return count;
  }

  /**
   * What is out from version `version` on, which must be below
   * `totalVersions`.
   * @param checkpointEvery steps between stops, 0 for epochs' ends alone;
   *   matters only where gradients are applied as they arrive.
   */
  segmentAt(version: number, checkpointEvery: number): Segment {
    const firstVersion = version;
    if (this.isOnArrival) {
      const epochEnd = (this.epochOf(version) + 1) * this.versionsPerEpoch;
      const every = checkpointEvery * this.#run.microBatches;
      const stop =
        every === 0 ? epochEnd : (Math.floor(version / every) + 1) * every;
      const endVersion = Math.min(epochEnd, stop);
      return { firstVersion, endVersion, numUnits: endVersion - version };
    }
    const { numLeaves } = this.schedule.stepAt(this.stepOf(version));
    return { firstVersion, endVersion: version + 1, numUnits: numLeaves };
  }

  /** What units `[first, first + num)` of a segment are. */
  leavesOf({ firstVersion }: Segment, first: number, num: number): LeafRun {
    if (!this.isOnArrival) {
      const step = this.stepOf(firstVersion);
      return { step, firstLeaf: first, numLeaves: num };
    }
    const place = firstVersion + first;
    const inEpoch = place % this.versionsPerEpoch;
    const firstLeaf = inEpoch % this.#run.microBatches;
    return { step: this.stepOf(place), firstLeaf, numLeaves: num };
  }

  /** The first unit of a segment that these leaves are, if they are of it. */
  unitOf(segment: Segment, { step, firstLeaf }: LeafRun): number | undefined {
    const version = this.versionOf(step, firstLeaf);
    if (version < segment.firstVersion) return undefined;
    if (version >= segment.endVersion) return undefined;
    return this.isOnArrival ? version - segment.firstVersion : firstLeaf;
  }

  /** Whether a checkpoint is due at this version, beside those of epochs. */
  isCheckpointDue(version: number, checkpointEvery: number): boolean {
    if (checkpointEvery === 0 || version === 0) return false;
    const stepsAt = (v: number) =>
      this.isOnArrival ? v / this.#run.microBatches : v * this.#localSteps;
    const intervals = (v: number) => Math.floor(stepsAt(v) / checkpointEvery);
    return intervals(version) > intervals(version - 1);
  }

  /** The learning rate of the run's schedule at a global step. */
  learningRateAt(step: number): number {
    const { totalSteps } = this.schedule;
    return learningRateAt(this.#run.schedule, step, totalSteps);
  }
}
