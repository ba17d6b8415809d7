import { describe, expect, it } from 'vitest';
import { buildReport } from './build-report.js';
import { parseMetrics } from './metrics-lines.js';
import { logLine, recordOf } from './testing-record.js';
import { toHtml } from './to-html.js';
import { toMarkdown } from './to-markdown.js';

const NOW = new Date(0);
/** What would run, or ask another host, if it were HTML or Markdown. */
const EVIL =
  '"><script>alert(1)</script><img src=//evil.example/x onerror=f()>';
const EVIL_LINK =
  '![x](http://evil.example) [y](javascript:z) `</code>` | # <b>';

function written(record = recordOf(), evaluation = 'not evaluated') {
  const { document } = buildReport(record, evaluation, NOW);
  return { html: toHtml(document), markdown: toMarkdown(document) };
}

describe('a report', () => {
  it('shows what there is of a run that has only begun', () => {
    const record = recordOf({ metrics: parseMetrics(''), logs: [] });
    const { html, markdown } = written(record);
    for (const text of [html, markdown]) {
      expect(text).toContain('No step has been applied yet.');
      expect(text).toContain('No process was lost.');
      expect(text).toContain('not evaluated');
      expect(text).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it('has every section of a run that went on', () => {
    const { html, markdown } = written();
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
    expect(markdown).not.toMatch(/NaN|undefined|Infinity/);
    // 6 ms of waiting over 6 tasks, 60 of computing
    expect(markdown).toContain('| worker-0 | 6 | 24 | 1.00 | 10.00 |');
    expect(markdown).toContain(
      '| 1 | 3 | 0.6000 | 50.00 % | 0.5000 | 66.67 % | 3.0 s |',
    );
    const headings = [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, h]) => h);
    expect(headings).toEqual([
      ...['Learning', 'Throughput and phases', 'Faults and recoveries'],
      ...['Test set', 'Checkpoints', 'Configuration', 'Environment'],
      'How to reproduce',
    ]);
  });

  it('is the same for the same run', () => {
    expect(written()).toEqual(written());
  });

  it.each([EVIL, EVIL_LINK])('takes no text for markup: %s', (evil) => {
    const { definition } = recordOf();
    const away = { workerId: evil, reason: evil, releasedTasks: 1 };
    const failed = { outcome: 'failed', message: evil, code: evil };
    const { html, markdown } = written(
      recordOf({
        path: `/runs/${evil}`,
        definition: {
          ...definition,
          dataset: { ...definition.dataset, name: evil },
        },
        config: new Map([['data', { text: evil, from: 'the file' }]]),
        logs: [
          logLine(0, 'server', 'process-started', {
            processor: evil,
            host: evil,
          }),
          logLine(1, evil, 'process-started'),
          logLine(2, 'server', 'worker-away', away),
          logLine(3, 'server', 'checkpoint', { version: evil, reason: evil }),
          logLine(4, 'server', 'ended', failed),
        ],
        problems: [evil],
      }),
      evil,
    );
    const tags = [...html.matchAll(/<(\/?[a-z!][\w-]*)/gi)].map(
      ([, tag]) => tag,
    );
    expect(tags).not.toContain('script');
    expect(tags).not.toContain('img');
    expect(tags).not.toContain('b');
    // no attribute but those that were made here
    expect(html).not.toMatch(/<[^>]*\s(onerror|src)=/);
    // in Markdown each character that means something is escaped, but in code
    const prose = markdown.replace(/^(`{3,})[^]*?^\1$/gm, '');
    expect(prose).not.toMatch(/(?<!\\)[<`[]/);
    expect(prose).not.toMatch(/(?<!\\)!?\[/);
  });
});
