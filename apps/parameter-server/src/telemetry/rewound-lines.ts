/**
 * What is left of `metrics.jsonl` where training goes back to an earlier
 * version. Pure.
 */

/** Where training goes on from. */
export interface RewindPoint {
  /** What was said of later steps is void: they are done again. */
  readonly version: number;
  /** Now. Unix time in milliseconds. */
  readonly atMs: number;
  /** Epochs whose evaluation counts: that of a later one comes again. */
  readonly numEpochs: number;
}

/** Steps whose lines were cut off. */
export interface DroppedSteps {
  readonly count: number;
  /** When the last of them was applied. Unix time in milliseconds. */
  readonly lastAtMs: number;
}

/**
 * Drops lines of steps that are done again, evaluations that come again, and
 * a line that was torn off. Where there were such steps, a line says so; it
 * stays whatever comes later.
 */
export function rewoundLines(
  text: string,
  { version, atMs, numEpochs }: RewindPoint,
): { text: string; dropped: DroppedSteps | undefined } {
  const lines = text.split('\n').flatMap((line) => parsed(line));
  const kept = lines.filter(
    ({ step, type, epoch }) =>
      type === 'rewind' ||
      (step <= version && !(type === 'epoch' && Number(epoch) > numEpochs)),
  );
  const dropped = lines.filter(
    ({ step, type }) => step > version && type === undefined,
  );
  const from = dropped.at(-1)?.step;
  const texts = kept.map(({ text: line }) => line);
  if (from !== undefined) {
    texts.push(JSON.stringify({ step: version, type: 'rewind', atMs, from }));
  }
  return {
    text: texts.map((line) => `${line}\n`).join(''),
    dropped: droppedOf(dropped),
  };
}

interface ParsedLine {
  readonly text: string;
  readonly step: number;
  readonly type?: unknown;
  readonly epoch?: unknown;
  readonly atMs?: unknown;
}

/** A line's fields; nothing of a line that was torn off. */
function parsed(text: string): ParsedLine[] {
  try {
    const fields = JSON.parse(text) as Record<string, unknown>;
    const { step, ...more } = fields;
    return typeof step === 'number' ? [{ ...more, text, step }] : [];
  } catch {
    return [];
  }
}

function droppedOf(steps: readonly ParsedLine[]): DroppedSteps | undefined {
  const lastAtMs = Number(steps.at(-1)?.atMs);
  if (!Number.isFinite(lastAtMs)) return undefined;
  return { count: steps.length, lastAtMs };
}
