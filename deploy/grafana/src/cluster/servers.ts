/** What does each server do? */
import { countOf, ofRun, rate, sumByRun, sumOf } from '../expressions.js';
import type { Figure } from '../figure.js';
import { redFrom } from '../limits.js';
import { SERVER } from '../metric-names.js';
import { query } from '../panel.js';
import { SERVER_MACHINES } from './machines.js';

/** By server and phase. */
function ofPhases(part: 'sum' | 'count'): string {
  const histogram = (part === 'sum' ? sumOf : countOf)(SERVER.phase);
  return sumByRun(
    rate(ofRun(histogram, 'phase=~"sum|apply"')),
    'server, phase',
  );
}

/** In their order. */
export const SERVERS: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Time of servers by phase',
    shows:
      'Share of its time that each server adds contributions (sum) and applies the optimizer (apply).',
    red: '80 % or more in all: every worker waits for it. Stop the run and let it go on with another server (`--resume RUN --servers 2`).',
    unit: 'percentunit',
    limits: redFrom(0.8, 0.5),
    min: 0,
    width: 8,
    isStacked: true,
    queries: [query(ofPhases('sum'), '{{phase}} {{server}} {{run_id}}')],
  },
  {
    kind: 'lines',
    title: 'Adding and applying',
    shows: 'Mean seconds to add one contribution and to apply one step.',
    red: '0.1 s or more: a large network on a slow core. Another server (`--servers`) halves it.',
    unit: 's',
    limits: redFrom(0.1, 0.02),
    min: 0,
    width: 8,
    queries: [
      query(
        `${ofPhases('sum')} / ${ofPhases('count')}`,
        '{{phase}} {{server}} {{run_id}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Bytes of servers',
    shows:
      'Bytes a second that each server receives (gradients), sends (parameters), and sends of data files.',
    red: '1 GB/s or more, near what ten-gigabit Ethernet carries: another server on another machine, or `--wire bf16` for a new run.',
    unit: 'Bps',
    limits: redFrom(1e9, 1e8),
    min: 0,
    width: 8,
    queries: [
      query(
        sumByRun(rate(ofRun(SERVER.receivedBytes)), 'server'),
        'received {{server}} {{run_id}}',
      ),
      query(
        sumByRun(rate(ofRun(SERVER.sentBytes)), 'server'),
        'sent {{server}} {{run_id}}',
      ),
      query(
        sumByRun(rate(ofRun(SERVER.dataSentBytes)), 'server'),
        'data {{server}} {{run_id}}',
      ),
    ],
  },
  ...SERVER_MACHINES,
];
