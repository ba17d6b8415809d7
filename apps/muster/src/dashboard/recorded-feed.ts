/**
 * What the live page hears of a run that is not served by its coordinator:
 * what its folder says, once. Nothing happens any more.
 */
import { join } from 'node:path';
import { readMetrics, runFacts, RunRecord } from '@muster/dashboard';
import type {
  Classification,
  Feed,
  FeedMessage,
  Pictures,
} from '@muster/dashboard';
import { versionsPerEpoch } from '@muster/protocol';
import type { RunRecord as Record } from '../report/run-record.js';
import type { RunState } from '../report/run-state.js';
import { incidentsOf } from './log-incidents.js';
import { recordedState } from './recorded-state.js';

/** What a feed is made of. */
export interface RecordedRun {
  readonly record: Record;
  readonly state: RunState;
  /** What the network looks like; undefined where it cannot be had. */
  readonly pictures: Pictures | undefined;
  /** Asks the network; see {@link Feed.classify}. */
  readonly classify: (image: Uint8Array) => Promise<Classification>;
}

/** See the head of this file. */
export class RecordedFeed implements Feed {
  readonly #record: RunRecord;
  readonly #classify: RecordedRun['classify'];

  constructor({ record, state, pictures, classify }: RecordedRun) {
    const { definition, path, summary } = record;
    const stepsPerEpoch = versionsPerEpoch(definition);
    this.#record = new RunRecord(
      runFacts(definition, {
        totalSteps: stepsPerEpoch * definition.epochs,
        stepsPerEpoch,
        numServers: summary?.servers ?? serversIn(record),
      }),
    );
    readMetrics(join(path, 'metrics.jsonl'), this.#record);
    for (const one of incidentsOf(record)) this.#record.addIncident(one);
    if (pictures) this.#record.setPictures(pictures);
    this.#record.setState(recordedState(record, state));
    this.#classify = classify;
  }

  history(): readonly FeedMessage[] {
    return this.#record.history();
  }

  subscribe(listener: (message: FeedMessage) => void): () => void {
    return this.#record.subscribe(listener);
  }

  classify(image: Uint8Array): Promise<Classification> {
    return this.#classify(image);
  }
}

/** Servers by their logs; standbys have logs of their own. */
function serversIn({ logs }: Record): number {
  const names = logs.map(({ process }) => process);
  return Math.max(
    1,
    new Set(names.filter((name) => /^server/.test(name))).size,
  );
}
