/**
 * What these tests need of the machine: network namespaces, which only root
 * can make, and the servers and tools that work in them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where Debian and others have sshd, which wants to be called by its path. */
export const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find((path) =>
  existsSync(path),
);

/**
 * Gives why namespaces cannot be used here, or undefined when they can.
 * @throws Error instead, where `REQUIRE_NAMESPACES=1` is set.
 */
export function missingNamespaces(): string | undefined {
  const reason = whatIsMissing();
  if (reason !== undefined && process.env['REQUIRE_NAMESPACES'] === '1') {
    throw new Error(`REQUIRE_NAMESPACES is set: ${reason}`);
  }
  return reason;
}

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const tools = ['ip', 'bridge', 'tc', 'ssh', 'ssh-keygen', 'rsync', 'mount'];
  const absent = tools.filter(
    (tool) =>
      spawnSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' })
        .status !== 0,
  );
  if (absent.length > 0) return `${absent.join(', ')} cannot be found`;
  if (SSHD === undefined) return 'sshd cannot be found (openssh-server)';
  return canMakeNamespace();
}

/** A container may have root and yet no right to it. */
function canMakeNamespace(): string | undefined {
  const name = `muster-try-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (made.status !== 0) {
    return `a network namespace cannot be made: ${made.stderr.trim()}`;
  }
  spawnSync('ip', ['netns', 'delete', name]);
  return undefined;
}
