/**
 * `muster launch` and `muster agent` on the command line.
 */
import type { Command } from 'commander';
import type { Context } from '../commands/context.js';
import { LAUNCH_FLAGS } from './launch-options.js';

/** Adds both commands; an agent is not shown to people, who never type it. */
export function addLaunchCommands(
  program: Command,
  context: Context,
  exit: (code: number) => void,
): void {
  const launch = program
    .command('launch')
    .description('train on several hosts, by ssh')
    .usage('-H host1:2,host2:4 [options] -- train [options of train]')
    .argument('[words...]', 'after --: train, and its options')
    .action(
      async (words: string[], flags: Readonly<Record<string, unknown>>) => {
        const { launchCommand } = await import('../commands/launch.js');
        exit(await launchCommand(flags, words, context));
      },
    );
  for (const { flags, help } of LAUNCH_FLAGS) {
    launch.option(flags, help.replace(/\.$/, ''));
  }
  program.command('agent', { hidden: true }).action(async () => {
    const { agentCommand } = await import('../commands/agent.js');
    exit(await agentCommand());
  });
}
