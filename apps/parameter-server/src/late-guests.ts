/**
 * After the end of a run, in a process that stays: a worker that comes late,
 * because its engine has started it again, learns that there is nothing left
 * to do. It ends well then, instead of looking for a server that is gone.
 */
import type { Packet } from '@muster/protocol';
import { MusterError } from '@muster/protocol';
import type { Connection, ConnectionHandlers } from '@muster/transport';

/** Gives what is done with a connection that came after the end. */
export function lateGuest(
  connection: Connection,
  runId: string,
): ConnectionHandlers {
  const code = 'ERR_DRAINING';
  const message = `run ${runId} has ended and takes no more workers`;
  const refused: Packet = { message: { type: 'refused', code, message } };
  return {
    // not before it has spoken: until then it may not listen yet
    onPacket: () => {
      connection.send(refused);
      connection.fail(new MusterError(code, message));
    },
  };
}
