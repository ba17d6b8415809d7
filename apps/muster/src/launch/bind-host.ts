/**
 * On which address of this machine a server listens that others reach under a
 * given one.
 */
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';

/**
 * Gives the address itself where this machine has it. Behind a translation of
 * addresses, as clouds have it, no interface does: then every address of this
 * machine is listened on.
 * @param address a name or an address, as the other hosts use it.
 */
export async function bindHost(address: string): Promise<string> {
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map((one) => one.address),
  );
  const found = await lookup(address, { all: true }).catch(() => []);
  return found.find((one) => own.includes(one.address))?.address ?? '0.0.0.0';
}
