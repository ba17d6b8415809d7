/**
 * A real Prometheus on a real training: it finds everybody by /sd, every rule
 * and every panel gets data, and a worker that is killed or frozen fires its
 * alert. All in a hurry: a scrape and an evaluation a second, and a second of
 * patience where the deployed rules have a minute.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failOnLeftovers } from '../cluster/muster-process.js';
import { skipWithout } from '../deploy/skip-without.js';
import { deployedRules } from './hurried-files.js';
import { operandsOf } from './operands.js';
import {
  markExpressions,
  panelExpressions,
  tables,
} from './panel-expressions.js';
import {
  NUM_WORKERS,
  PrometheusStage,
  missingPrometheus,
} from './prometheus-stage.js';

failOnLeftovers();

const missing = missingPrometheus();
const rules = deployedRules();
let stage: PrometheusStage;

beforeAll(async () => {
  if (missing === undefined) stage = await PrometheusStage.start();
}, 120_000);
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
}, 30_000);
beforeEach((test) => skipWithout(test, missing));

/**
 * Names of the alerts there are. Three workers share two cores here, and one
 * of them is frozen for a while: whether it counts as slow is left open.
 */
async function alertNames(): Promise<string[]> {
  const names = (await stage.alerts()).map(({ name }) => name);
  return names.filter((name) => name !== 'MusterStraggler');
}

/** Labels of who is scraped, and `up` or why not. */
async function found(): Promise<Record<string, string>[]> {
  const targets = await stage.targets();
  return targets.map(({ labels, isUp, error }) => {
    const entries = Object.entries(labels);
    const others = entries.filter(([name]) => name !== 'instance');
    return { ...Object.fromEntries(others), is: isUp ? 'up' : error };
  });
}

describe('a training that goes on', () => {
  it('is found whole by /sd', async () => {
    const { path } = await stage.training.files();
    const run_id = path.slice(path.lastIndexOf('/') + 1);
    const workers = Array.from({ length: NUM_WORKERS }, (_, i) => ({
      ...{ job: 'muster-worker', run_id, worker: `worker-${i}`, is: 'up' },
    }));
    const targets = await found();
    expect(targets).toHaveLength(1 + NUM_WORKERS);
    expect(targets).toEqual(
      expect.arrayContaining([
        {
          job: 'muster-server',
          run_id,
          server: '0',
          role: 'primary',
          is: 'up',
        },
        ...workers,
      ]),
    );
  });

  it('has no alert', async () => {
    // so that each rule was asked; of a beginning nobody can tell how it goes
    await stage.data('changes(muster_step[2m]) > 0');
    await stage.waitFor('no alert to be there', async () => {
      return (await alertNames()).length === 0;
    });
  });
});

describe('a worker that is frozen', () => {
  it('is missing and cannot be scraped, until it goes on', async () => {
    await stage.training.signal('SIGSTOP', 'worker-2');
    const missed = await stage.firing('MusterWorkerMissing');
    expect(missed.annotations['summary']).toMatch(
      /^run [\w-]+ works without 1 of its workers$/,
    );
    const down = await stage.firing('MusterTargetDown');
    expect(down.labels).toMatchObject({ worker: 'worker-2' });
    expect(await stage.targets()).toHaveLength(1 + NUM_WORKERS);
    await stage.training.signal('SIGCONT', 'worker-2');
    await stage.waitFor('all to be well', async () => {
      return (await alertNames()).length === 0;
    });
  });
});

describe('a worker that is killed', () => {
  it('fires its alert, and is not scraped any more', async () => {
    const killedAtMs = await stage.training.signal('SIGKILL', 'worker-1');
    const { labels, activeAtMs } = await stage.firing('MusterWorkerMissing');
    expect(labels).toMatchObject({ severity: 'warning' });
    expect(activeAtMs).toBeGreaterThan(killedAtMs);
    await stage.waitFor('it to leave the list', async () => {
      return (await stage.targets()).length === NUM_WORKERS;
    });
    const targets = await found();
    expect(targets.map(({ worker }) => worker)).not.toContain('worker-1');
    expect(targets.every(({ is }) => is === 'up')).toBe(true);
  });
});

describe('after faults', () => {
  it.each(rules.filter(({ record }) => record !== undefined))(
    '$record has data',
    async ({ record = '' }) => {
      await stage.data(record);
    },
  );

  it.each(rules.filter(({ alert }) => alert !== undefined))(
    '$alert is asked of data that there are',
    async ({ expr }) => {
      await stage.query(expr);
      const operands = operandsOf(expr);
      expect(operands).not.toHaveLength(0);
      for (const operand of operands) await stage.data(operand);
    },
  );

  it.each(panelExpressions())(
    '$dashboard has data for "$panel" $refId, and names them',
    async ({ expression, labels: wanted }) => {
      for (const { labels } of await stage.data(expression)) {
        for (const name of wanted) expect(labels[name]).toBeTruthy();
      }
    },
  );

  it.each(tables())('"$panel" has its columns', async (table) => {
    const seen = new Set<string>();
    for (const expression of table.expressions) {
      for (const { labels } of await stage.data(expression)) {
        for (const name of Object.keys(labels)) seen.add(name);
      }
    }
    expect([...seen].sort()).toEqual([...table.labels].sort());
  });

  it.each(markExpressions())(
    '$dashboard can mark "$panel" on its time line',
    async ({ expression }) => {
      await stage.query(expression);
    },
  );

  it('has marked what was lost, and the alert', async () => {
    const wanted = [
      ...['Workers lost', 'Alerts', 'Server starts', 'Checkpoints'],
    ];
    const marks = markExpressions().filter(({ panel }) =>
      wanted.includes(panel),
    );
    expect(marks.length).toBeGreaterThanOrEqual(wanted.length);
    for (const { expression, labels: keys } of marks) {
      for (const { labels } of await stage.data(expression)) {
        expect(Object.keys(labels)).toEqual(expect.arrayContaining([...keys]));
      }
    }
  });
});
