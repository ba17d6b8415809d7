/**
 * Whether a worker that asks may join at all, told before it costs anything.
 */
import { PROTOCOL_VERSION } from '@muster/protocol';
import type { ErrorCode, MessageOf, RunDefinition } from '@muster/protocol';

/** Why a worker may not join. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Gives the reason to refuse a `join`, or nothing. */
export function admissionRefusal(
  join: MessageOf<'join'>,
  run: RunDefinition,
  isEnding: boolean,
): Refusal | undefined {
  if (join.protocol !== PROTOCOL_VERSION) {
    return {
      code: 'ERR_PROTOCOL_VERSION',
      message: `${join.workerId} speaks protocol version ${join.protocol}, this server ${PROTOCOL_VERSION}: run the same Muster on both machines`,
    };
  }
  if (join.model !== undefined && join.model !== run.model.fingerprint) {
    return {
      code: 'ERR_MODEL_MISMATCH',
      message: `${join.workerId} holds network ${join.model.slice(0, 12)}, run ${run.runId} trains ${run.model.fingerprint.slice(0, 12)}`,
    };
  }
  if (isEnding) {
    return {
      code: 'ERR_DRAINING',
      message: `run ${run.runId} is ending and takes no more workers`,
    };
  }
  return undefined;
}

/** Why the membership did not admit a worker. */
export function refusalOf(
  admission: { outcome: 'quarantined' | 'outlived' },
  workerId: string,
): Refusal {
  return admission.outcome === 'quarantined'
    ? {
        code: 'ERR_QUARANTINED',
        message: `${workerId} was refused too often in this run; start it with another name`,
      }
    : {
        code: 'ERR_REPLACED',
        message: `a newer life of ${workerId} has joined`,
      };
}
