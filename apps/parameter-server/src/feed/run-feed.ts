/**
 * What the live page hears of this run: fed by what the brain reports, it
 * decides nothing. A step costs it microseconds; where it stands is put
 * together only while somebody looks.
 */
import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Plan } from '@muster/cluster';
import type { RunReport, ServerMachine } from '@muster/cluster';
import { runFacts, RunRecord } from '@muster/dashboard';
import type {
  Classification,
  Feed,
  FeedMessage,
  LeafState,
  RunState,
} from '@muster/dashboard';
import { float32Payload } from '@muster/protocol';
import type { RunDefinition } from '@muster/protocol';
import type { CheckpointOutcome } from '../checkpoint-queue.js';
import type { Snapshot } from '../run-state.js';
import { Throughput } from '../telemetry/throughput.js';
import { Goodput } from './goodput.js';
import { checkpointIncident, Incidents } from './incidents.js';
import { NetworkPictures } from './network-pictures.js';
import { SummedBy } from './summed-by.js';
import { WorkerRows } from './worker-rows.js';

/** From one state to the next. */
const STATE_MS = 500;

/** What a feed looks at. */
export interface RunFeedOptions {
  readonly run: RunDefinition;
  readonly machine: ServerMachine;
  readonly shard: number;
  readonly numServers: number;
  /** What a worker says to an image; see {@link Feed.classify}. */
  readonly ask: (image: Uint8Array) => Promise<Classification>;
}

/** See the head of this file. */
export class RunFeed implements Feed {
  readonly record: RunRecord;
  readonly #options: RunFeedOptions;
  readonly #plan: Plan;
  readonly #throughput = new Throughput();
  readonly #goodput = new Goodput();
  readonly #incidents = new Incidents();
  readonly #summedBy = new SummedBy();
  readonly #workers = new WorkerRows();
  readonly #pictures: NetworkPictures;
  #states: NodeJS.Timeout | undefined;
  #sha256: string | null = null;

  constructor(options: RunFeedOptions) {
    const { run, numServers } = options;
    this.#options = options;
    this.#plan = new Plan(run);
    this.#pictures = new NetworkPictures(run);
    const { totalVersions: totalSteps, versionsPerEpoch } = this.#plan;
    this.record = new RunRecord(
      runFacts(run, {
        totalSteps,
        stepsPerEpoch: versionsPerEpoch,
        numServers,
      }),
    );
  }

  history(): readonly FeedMessage[] {
    this.#setState();
    return this.record.history();
  }

  subscribe(listener: (message: FeedMessage) => void): () => void {
    const unsubscribe = this.record.subscribe(listener);
    this.#states ??= setInterval(() => this.flush(), STATE_MS);
    return () => {
      unsubscribe();
      if (!this.record.hasListeners) this.close();
    };
  }

  classify(image: Uint8Array): Promise<Classification> {
    return this.#options.ask(image);
  }

  /** Hears of what the brain reports. */
  report(report: RunReport): void {
    const nowMs = performance.now();
    switch (report.type) {
      case 'pushed':
        this.#summedBy.pushed(report);
        return this.#workers.pushed(report, nowMs);
      case 'step-applied':
        return this.#stepApplied(report, nowMs);
      case 'evaluated':
        return this.#evaluated(report);
      case 'training-resumed':
        this.#resumed(report, nowMs);
        break;
      default:
    }
    const incident = this.#incidents.of(report, this.#moment);
    if (incident) this.record.addIncident(incident);
  }

  /** Hears what became of a checkpoint. */
  checkpointDone(outcome: CheckpointOutcome<Snapshot>): void {
    const { shard } = this.#options;
    const incident = checkpointIncident(outcome, shard, this.#moment);
    if (incident) this.record.addIncident(incident);
  }

  /** The run has ended: says so at once. */
  ended(): void {
    const { machine, numServers } = this.#options;
    const { shard, coordinator } = machine;
    const isFinished = coordinator?.end?.outcome === 'finished';
    // of several servers each has a part
    if (isFinished && numServers === 1 && shard) {
      this.tellParameters(shard.parameters);
    } else this.flush();
  }

  /** What the run ended with is known: all of it, float32 [numParameters]. */
  tellParameters(parameters: Float32Array): void {
    const bytes = float32Payload(parameters);
    this.#sha256 = createHash('sha256').update(bytes).digest('hex');
    this.flush();
  }

  /** Tells of the steps since the last time, and where the run stands. */
  flush(): void {
    this.record.flushPoints();
    this.#setState();
  }

  /** Tells no more by itself. */
  close(): void {
    clearInterval(this.#states);
    this.#states = undefined;
  }

  get #step(): number {
    return this.#options.machine.shard?.version ?? 0;
  }

  get #moment() {
    return { at: Date.now(), step: this.#step };
  }

  #stepApplied(
    report: Extract<RunReport, { type: 'step-applied' }>,
    nowMs: number,
  ): void {
    const { applied, version, gradientNorm } = report;
    const { count, lossSum, correct, learningRate } = applied;
    this.#throughput.add(count, nowMs);
    this.#goodput.applied(version, nowMs);
    this.record.addPoint({
      ...{ step: version, learningRate, gradientNorm, at: Date.now() },
      loss: lossSum / count,
      accuracy: correct / count,
      imagesPerSecond: this.#throughput.perSecond(),
    });
    // the beginning of the parameters is server 0's, which the coordinator is
    const { parameters } = this.#options.machine.shard ?? {};
    if (parameters && this.#plan.endsEpoch(version)) {
      this.#pictures.epochEnded(version, parameters);
    }
  }

  #evaluated({
    result,
    mistakes,
  }: Extract<RunReport, { type: 'evaluated' }>): void {
    const { epoch, version, ...figures } = result;
    const { trainLoss, trainAccuracy, testLoss, testAccuracy } = figures;
    const train = { trainLoss, trainAccuracy };
    const test = { testLoss, testAccuracy };
    this.record.addEpoch({
      ...{ type: 'epoch', epoch, version, ...train, ...test },
    });
    this.record.setPictures(this.#pictures.evaluated(version, mistakes));
  }

  /** What was seen of the network before stays until it is evaluated again. */
  #resumed(
    { version, from }: Extract<RunReport, { type: 'training-resumed' }>,
    nowMs: number,
  ): void {
    this.record.rewind(version);
    this.#goodput.resume(version, from, nowMs);
    const { parameters } = this.#options.machine.shard ?? {};
    if (parameters === undefined) return;
    const pictures = this.#pictures.resumed(version, parameters);
    if (!this.record.pictures) this.record.setPictures(pictures);
  }

  #setState(): void {
    const { machine, run } = this.#options;
    const { coordinator, ledger } = machine;
    if (coordinator === undefined) return;
    const nowMs = performance.now();
    const { phase, members, leaves } = coordinator.overview;
    const isOver = phase === 'ended';
    const rate =
      isOver || phase === 'gathering' ? 0 : this.#throughput.perSecond();
    const step = this.#step;
    const numLeft = run.epochs * run.dataset.numTrain - ledger.examplesApplied;
    this.record.setState({
      ...{ type: 'state', at: Date.now(), phase, step },
      outcome: outcomeOf(machine),
      epoch: this.#plan.epochOf(Math.max(0, step - 1)) + 1,
      imagesPerSecond: Math.round(rate),
      etaSeconds: rate > 0 ? Math.round(Math.max(0, numLeft) / rate) : null,
      goodput: this.#goodput.ratio,
      reproducible: ledger.reproducible,
      workers: this.#workers.rows(members, coordinator.paces, nowMs),
      leaves: leaves.map(({ step: of, leaf, state, holder, hasBackup }) => {
        const summedBy = this.#summedBy.of(of, leaf);
        const workerId = (state === 'summed' ? summedBy : holder) ?? null;
        return { state, workerId, hasBackup } satisfies LeafState;
      }),
      parametersSha256: this.#sha256,
    });
  }
}

function outcomeOf({ coordinator }: ServerMachine): RunState['outcome'] {
  const outcome = coordinator?.end?.outcome;
  return outcome === undefined || outcome === 'replaced' ? null : outcome;
}
