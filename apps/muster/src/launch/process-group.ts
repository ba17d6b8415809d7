/**
 * Ends a process that leads a group of its own, and all that it has started:
 * ssh starts another one for a jump host, rsync starts ssh.
 */

/**
 * Sends SIGKILL to the group that a process leads; nothing when it has ended.
 * @param pid of a process that was started `detached`.
 */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nobody is left in it
  }
}
