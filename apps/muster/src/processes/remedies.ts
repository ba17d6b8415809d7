/**
 * What to do about a failure, in a few words; docs/errors.md has more.
 */
import type { ErrorCode } from '@muster/protocol';

const GO_ON = 'go on with --resume';

/** By code. */
export const REMEDIES: Readonly<Record<ErrorCode, string>> = {
  ERR_CONFIG: 'correct the setting that it names',
  ERR_DATASET_CORRUPT: `get the file again (muster doctor tries the data), then ${GO_ON}`,
  ERR_DATASET_MISMATCH: `give the worker the data of the run (--data), then ${GO_ON}`,
  ERR_MODEL_UNSUPPORTED: 'replace the layer that it names',
  ERR_MODEL_MISMATCH: 'run the same Muster on all machines',
  ERR_PROTOCOL_VERSION: 'run the same Muster on all machines',
  ERR_UNAUTHORIZED: "give the worker the run's token (--token-file)",
  ERR_TLS: 'see to the certificate that it names (--tls-cert, --tls-ca)',
  ERR_MALFORMED_MESSAGE: 'look for what else speaks to the port of the server',
  ERR_FRAME_TOO_LARGE: 'look for what else speaks to the port of the server',
  ERR_NOT_JOINED: 'start the worker again',
  ERR_REPLACED: 'give each worker a name of its own (--worker-id)',
  ERR_NOT_PRIMARY: 'give the address of the primary too (--server)',
  ERR_QUARANTINED: "look at the worker's machine (muster doctor)",
  ERR_DRAINING: GO_ON,
  ERR_REQUEST_TIMEOUT: `look at the network and the server's load, then ${GO_ON}`,
  ERR_CONNECTION_LOST: `look at the network and the other machine, then ${GO_ON}`,
  ERR_SERVER_UNREACHABLE: 'see that the server runs and listens (--listen)',
  ERR_PORT_IN_USE: 'choose another port (--listen, --metrics-listen)',
  ERR_SHAPE_MISMATCH: 'run the same Muster on all machines',
  ERR_NON_FINITE_GRADIENT:
    'lower --learning-rate or lengthen --warmup, and begin anew',
  ERR_CHECKPOINT_CORRUPT: 'look at the disk, and begin anew',
  ERR_CHECKPOINT_MISMATCH: 'leave out the settings that it names',
  ERR_CHECKPOINT_WRITE: `make space on the disk, then ${GO_ON}`,
  ERR_RUN_NOT_FOUND: 'see muster runs',
  ERR_NO_WORKERS: GO_ON,
  ERR_PROCESS_FAILED: `read its last words in logs/, then ${GO_ON}`,
  ERR_BACKEND: 'see muster doctor, or take --backend wasm',
  ERR_INTERNAL: `report it with the files in logs/; ${GO_ON} may help`,
};

/** SIGKILL has no last words: it came from outside. */
const KILLED = `somebody killed it, or the machine ran out of memory (dmesg, fewer --workers); ${GO_ON}`;

/** Gives what to do. */
export function remedyFor(code: ErrorCode, message: string): string {
  const isKilled = code === 'ERR_PROCESS_FAILED' && /SIGKILL/.test(message);
  return isKilled ? KILLED : REMEDIES[code];
}
