/**
 * What share of a process's work some code had, by V8's sampling profiler:
 * its own samples, and those of all that it called.
 */

/** What is read of a `.cpuprofile`. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  /** Node by sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Milliseconds of a profile. */
export interface ProfileTimes {
  /** Of what was looked for, and of all that it called. */
  readonly oursMs: number;
  /** In which the main thread was not idle. */
  readonly busyMs: number;
}

/** @param isOurs tells by a function's file whether it was looked for. */
export function profileTimes(
  { nodes, samples, timeDeltas }: CpuProfile,
  isOurs: (url: string) => boolean,
): ProfileTimes {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const [root] = nodes;
  const within = new Map<number, boolean>();
  const mark = (id: number, isInside: boolean): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const isIn = isInside || isOurs(node.callFrame.url);
    within.set(id, isIn);
    for (const child of node.children ?? []) mark(child, isIn);
  };
  if (root) mark(root.id, false);
  let [ours, busy] = [0, 0];
  samples.forEach((id, i) => {
    const micros = timeDeltas[i] ?? 0;
    if (byId.get(id)?.callFrame.functionName === '(idle)') return;
    busy += micros;
    if (within.get(id) === true) ours += micros;
  });
  return { oursMs: ours / 1000, busyMs: busy / 1000 };
}
