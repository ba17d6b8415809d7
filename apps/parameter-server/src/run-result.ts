/**
 * What a run came to, as its coordinator tells the launcher.
 */
import type { LedgerState, RunEnd, ServerMachine } from '@muster/cluster';
import { EMPTY_LEDGER } from '@muster/cluster';
import type { RunResult, ServerReport } from '@muster/protocol';

/**
 * What a server says of its end; nothing where another one says it: only the
 * coordinator knows what the run came to.
 * @param first the account when this process began.
 */
export function endReportOf(
  machine: ServerMachine | undefined,
  end: RunEnd,
  first?: LedgerState,
): ServerReport | undefined {
  if (end.outcome === 'failed') {
    const { code, message } = end;
    return { type: 'failed', code, message };
  }
  if (!machine?.coordinator || end.outcome === 'replaced') return undefined;
  const { outcome } = end;
  return { type: 'ended', outcome, result: resultOf(machine, first) };
}

/**
 * Puts the result together.
 * @param first the account when this process began.
 */
export function resultOf(
  { ledger, shard }: ServerMachine,
  first: LedgerState = EMPTY_LEDGER,
): RunResult {
  const thisLifeMs = ledger.trainMs - first.trainMs;
  const thisLife = ledger.examplesApplied - first.examplesApplied;
  const { examplesApplied, examplesDuplicate, examplesLost } = ledger;
  const { reproducible, backend, numerics, history, staleness } = ledger;
  return {
    steps: shard?.version ?? 0,
    ...{ examplesApplied, examplesDuplicate, examplesLost, staleness },
    ...{ reproducible, backend, numerics, history },
    trainSeconds: ledger.trainMs / 1000,
    imagesPerSecond: thisLifeMs > 0 ? (thisLife * 1000) / thisLifeMs : 0,
  };
}
