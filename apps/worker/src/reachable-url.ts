/**
 * Where a server is for this worker: a server that listens on every address
 * of its machine calls itself by the loopback one, which means another
 * machine to a worker elsewhere.
 */

/**
 * Gives `url` with the host under which the coordinator was reached, where
 * `url` names the loopback interface and the coordinator's address does not.
 * @param coordinator the address of link 0 that answered.
 */
export function reachableUrl(url: string, coordinator: string): string {
  const [host, reached] = [hostOf(url), hostOf(coordinator)];
  if (host === undefined || reached === undefined) return url;
  if (!isLoopback(host) || isLoopback(reached)) return url;
  const there = new URL(url);
  there.hostname = reached;
  return there.href.replace(/\/$/, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

/** The host of a TCP address; none of a unix socket's. */
function hostOf(url: string): string | undefined {
  if (!/^wss?:/.test(url) || !URL.canParse(url)) return undefined;
  return new URL(url).hostname;
}
