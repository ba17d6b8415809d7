/**
 * A Prometheus in a container of its own, with the configuration and the rules
 * of `deploy/prometheus`, finds every process of a training through the
 * coordinator, by its address in their network, and scrapes it.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Wait } from 'testcontainers';
import type { ClusterStage } from './cluster-stage.js';
import { METRICS_PORT } from './live-container.js';
import type { LiveContainer } from './live-container.js';
import { ENDLESS } from './plan.js';
import { describeWithDocker, missingProgram } from './docker.js';
import { useTheatre } from './theatre.js';

const PROMETHEUS = '/usr/bin/prometheus';
const PORT = 9090;
const NUM_SERVERS = 2;
const NUM_WORKERS = 2;

const FOLDER = new URL('../../deploy/prometheus/', import.meta.url);
const RULES = ['rules/recording.yml', 'rules/alerts.yml'];

/**
 * The one of `deploy`, in less time. Both servers are called `server` here:
 * the one that does not coordinate sends Prometheus away, until it has asked
 * the other.
 */
const CONFIG = readFileSync(new URL('containers.yml', FOLDER), 'utf8')
  .replaceAll('interval: 5s', 'interval: 1s')
  .replace(':9464', `:${METRICS_PORT}`);

/** A series of the answer to a query: its labels, its time and its value. */
interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

describeWithDocker(
  'Prometheus in a container',
  () => {
    const theatre = useTheatre();
    let stage: ClusterStage;
    let prometheus: LiveContainer;

    /** What a query comes to, by job. */
    async function ask(query: string): Promise<Record<string, number[]>> {
      const url = new URL('/api/v1/query', await prometheus.url(PORT));
      url.searchParams.set('query', query);
      const { data } = (await (await fetch(url)).json()) as {
        data: { result: readonly Series[] };
      };
      const jobs: Record<string, number[]> = {};
      for (const { metric, value } of data.result) {
        (jobs[metric['job'] ?? ''] ??= []).push(Number(value[1]));
      }
      return jobs;
    }

    beforeAll(async () => {
      // it must not be over before everybody was scraped
      stage = await theatre().stage({ servers: NUM_SERVERS, epochs: ENDLESS });
      await stage.serve();
      await stage.work(NUM_WORKERS);
      const config = await theatre().bench.write('prometheus.yml', CONFIG);
      prometheus = await stage.start(['prometheus'], {
        entrypoint: ['/usr/local/bin/prometheus'],
        command: [
          '--config.file=/etc/prometheus.yml',
          '--storage.tsdb.path=/tmp/prometheus',
          `--web.listen-address=0.0.0.0:${PORT}`,
        ],
        files: {
          '/usr/local/bin/prometheus': PROMETHEUS,
          '/etc/prometheus.yml': config,
          ...Object.fromEntries(
            RULES.map((path) => [
              `/etc/${path}`,
              fileURLToPath(new URL(path, FOLDER)),
            ]),
          ),
        },
        tmpfs: ['/tmp'],
        ports: [PORT],
        until: Wait.forHttp('/-/ready', PORT),
      });
    }, 180_000);
    afterAll(async () => {
      await prometheus?.[Symbol.asyncDispose]();
      await stage?.[Symbol.asyncDispose]();
    });

    it('scrapes every server and every worker', async () => {
      const all = {
        'muster-server': Array<number>(NUM_SERVERS).fill(1),
        'muster-worker': Array<number>(NUM_WORKERS).fill(1),
      };
      await prometheus.waitFor('all of them to be up', async () => {
        return JSON.stringify(await ask('up')) === JSON.stringify(all);
      });
      expect(await ask('up')).toEqual(all);
    });

    it('sees the training go on', async () => {
      // the coordinator is the one that counts steps
      const step = async () => {
        const { 'muster-server': steps = [] } = await ask('muster_step');
        return Math.max(0, ...steps);
      };
      const first = await prometheus.waitFor('a step', async () => {
        const now = await step();
        return now > 0 && now;
      });
      await prometheus.waitFor(
        'a later one',
        async () => (await step()) > first,
      );
      await prometheus.waitFor('gradients on both servers', async () => {
        const all = await ask('muster_received_bytes_total');
        const { 'muster-server': numBytes = [] } = all;
        return numBytes.length === NUM_SERVERS && Math.min(...numBytes) > 0;
      });
    });

    it('has what each worker computed', async () => {
      const gradients = 'muster_worker_tasks_total{kind="gradient"}';
      await prometheus.waitFor('gradients of both workers', async () => {
        const { 'muster-worker': numTasks = [] } = await ask(gradients);
        return numTasks.length === NUM_WORKERS && Math.min(...numTasks) > 0;
      });
      expect(await ask('muster_workers{state="active"}')).toMatchObject({
        'muster-server': expect.arrayContaining([NUM_WORKERS]) as number[],
      });
    });
  },
  missingProgram('prometheus'),
);
