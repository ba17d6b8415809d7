/** What is between workers and servers? Heartbeats, reconnects, bytes. */
import {
  bucketOf,
  countOf,
  ofWorkers,
  quantile,
  rate,
  sumByWorker,
  sumOf,
} from '../expressions.js';
import type { Figure } from '../figure.js';
import { redFrom } from '../limits.js';
import { WORKER } from '../metric-names.js';
import { query } from '../panel.js';

const received = sumByWorker(rate(ofWorkers(WORKER.receivedBytes)));
const sent = sumByWorker(rate(ofWorkers(WORKER.sentBytes)));
const receivedRaw = sumByWorker(rate(ofWorkers(WORKER.receivedRawBytes)));
const sentRaw = sumByWorker(rate(ofWorkers(WORKER.sentRawBytes)));
const staleness =
  sumByWorker(rate(ofWorkers(sumOf(WORKER.staleness)))) +
  ` / ${sumByWorker(rate(ofWorkers(countOf(WORKER.staleness))))}`;

/** In their order. */
export const WIRE: readonly Figure[] = [
  {
    kind: 'lines',
    title: 'Heartbeat round trip',
    shows:
      'Seconds from a heartbeat to its echo, 99 of 100 less, by worker. A worker hears the echo only between two leaves.',
    red: 'one second or more, a heartbeat: the network, the server ("Event loop of servers") or the worker\'s own leaves are slow.',
    unit: 's',
    limits: redFrom(1, 0.25),
    min: 0,
    width: 12,
    queries: [
      query(
        quantile(0.99, ofWorkers(bucketOf(WORKER.roundTrip)), 'run_id, worker'),
        '{{worker}}',
      ),
    ],
  },
  {
    kind: 'lines',
    title: 'Reconnects',
    shows:
      'Times each worker came back after a lost connection, since it began.',
    red: '10 or more: a bad cable, a proxy that cuts idle connections, or a server that is started again and again.',
    unit: 'none',
    limits: redFrom(10, 3),
    min: 0,
    width: 12,
    queries: [query(sumByWorker(ofWorkers(WORKER.reconnects)), '{{worker}}')],
  },
  {
    kind: 'lines',
    title: 'Bytes by worker',
    shows:
      'Bytes a second that each worker receives (parameters) and sends (gradients).',
    red: '100 MB/s or more, near what gigabit Ethernet carries: `--wire bf16` halves what is sent, for a new run.',
    unit: 'Bps',
    limits: redFrom(1e8, 5e7),
    min: 0,
    width: 12,
    queries: [
      query(received, 'received {{worker}}'),
      query(sent, 'sent {{worker}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Bytes after ÷ before encoding by worker',
    shows:
      'Bytes on the wire ÷ the same numbers as float32: 1 is float32, 0.5 bf16.',
    red: 'above 1.1: frames carry more than gradients and parameters.',
    unit: 'percentunit',
    limits: redFrom(1.1, 1.05),
    min: 0,
    width: 12,
    queries: [
      query(`${received} / ${receivedRaw}`, 'received {{worker}}'),
      query(`${sent} / ${sentRaw}`, 'sent {{worker}}'),
    ],
  },
  {
    kind: 'lines',
    title: 'Staleness by worker',
    shows:
      'Steps that were applied between the parameters of a contribution and the contribution, mean by worker. 0 in sync and local.',
    red: '8 or more: the worker is too slow for the others. Take it away, or begin a new run with `--consistency bounded` and a small `--staleness`.',
    unit: 'none',
    limits: redFrom(8, 4),
    min: 0,
    width: 24,
    queries: [query(staleness, '{{worker}}')],
  },
];
