/**
 * Module hooks that put something that does nothing in the place of what
 * counts, measures, logs and writes.
 */
import type { LoadHook } from 'node:module';

const NOTHING = 'new Proxy({}, { get: () => () => undefined })';
const functionOf = (name: string) => `export const ${name} = () => ${NOTHING};`;
const classOf = (name: string) =>
  `export class ${name} { constructor() { return ${NOTHING}; } }`;

/** By the end of a built file's address: one of its exports, and what is it instead. */
const INSTEAD: Readonly<Record<string, readonly [string, string]>> = {
  '/telemetry/dist/logger.js': silent('createLogger', functionOf),
  '/telemetry/dist/registry.js': silent('createRegistry', functionOf),
  '/telemetry/dist/server-metrics.js': silent(
    'createServerMetrics',
    functionOf,
  ),
  '/telemetry/dist/coordinator-metrics.js': silent(
    'createCoordinatorMetrics',
    functionOf,
  ),
  '/dist/telemetry/server-meter.js': silent('ServerMeter', classOf),
  '/dist/telemetry/run-meter.js': silent('RunMeter', classOf),
  '/dist/telemetry/run-log.js': silent('RunLog', classOf),
  '/dist/telemetry/phase-totals.js': silent('PhaseTotals', classOf),
  '/dist/telemetry/metrics-file.js': [
    'MetricsFile',
    `export class MetricsFile {
      rewind() {}
      append() {}
      close() { return Promise.resolve(); }
    }`,
  ],
  '/worker/dist/worker-telemetry.js': [
    'WorkerTelemetry',
    `export class WorkerTelemetry {
      lastPush = { encode: 0, push: 0 };
      constructor() {
        return new Proxy(this, {
          get: (of, name) => name === 'url' ? undefined : of[name] ?? (() => undefined),
        });
      }
    }`,
  ],
};

function silent(
  name: string,
  sourceOf: (name: string) => string,
): [string, string] {
  return [name, sourceOf(name)];
}

/** Gives a module as it is, but for the export that does nothing. */
export const load: LoadHook = async (url, context, next) => {
  const loaded = await next(url, context);
  const found = Object.entries(INSTEAD).find(([end]) => url.endsWith(end));
  if (found === undefined) return loaded;
  const [name, instead] = found[1];
  const text = String(
    loaded.source instanceof ArrayBuffer || ArrayBuffer.isView(loaded.source)
      ? Buffer.from(loaded.source as Uint8Array).toString()
      : loaded.source,
  );
  const start = new RegExp(`export (function|class) ${name}\\b`);
  if (!start.test(text)) throw new Error(`${url} has no export ${name}`);
  const source = `${text.replace(start, `$1 Telling${name}`)}\n${instead}`;
  return { ...loaded, source };
};
