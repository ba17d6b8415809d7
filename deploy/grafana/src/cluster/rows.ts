/** The dashboard "Cluster", from top to bottom. */
import type { Row } from '../row.js';
import { HEADCOUNT } from './headcount.js';
import { LEASES } from './leases.js';
import { WORKER_MACHINES } from './machines.js';
import { MEMBERS } from './members.js';
import { SERVERS } from './servers.js';
import { WIRE } from './wire.js';
import { EACH_WORKER, WORK } from './work.js';

/** See the head of this file. */
export const CLUSTER_ROWS: readonly Row[] = [
  { title: 'Who is there?', figures: [...HEADCOUNT, ...MEMBERS] },
  { title: 'What does each worker do?', figures: WORK },
  { title: 'Who holds which work?', figures: LEASES },
  { title: 'What do the workers take?', figures: WORKER_MACHINES },
  { title: 'What is between workers and servers?', figures: WIRE },
  { title: 'What does each server do?', figures: SERVERS },
  {
    title: 'Each worker by itself',
    figures: EACH_WORKER,
    isClosed: true,
  },
];
