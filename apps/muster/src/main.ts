/**
 * The command people type: what it takes, and what it exits with.
 */
import { Command, CommanderError, Option } from 'commander';
import { exitCodeOf, toMusterError } from '@muster/protocol';
import { processContext } from './commands/context.js';
import type { Context } from './commands/context.js';
import { CERTS_FLAGS } from './certs/flags.js';
import { LOGS_FLAGS } from './logs/flags.js';
import { EXPORT_FORMATS } from './commands/export.js';
import type { ExportFormat } from './commands/export.js';
import { addLaunchCommands } from './launch/command-line.js';
import { addOptions } from './settings/add-options.js';
import type { CommandName } from './settings/table.js';
import { printError } from './view/error.js';

type Flags = Readonly<Record<string, unknown>>;
type ReportFlags = { readonly to?: string; readonly evaluate: boolean };

/** Builds the command line. Each command's code is loaded when it runs. */
export function createProgram(
  context: Context,
  exit: (code: number) => void,
): Command {
  const program = new Command('muster')
    .description(
      'Trains a TensorFlow.js network on any number of machines: same seed, same bits, whatever the cluster.',
    )
    .version('0.1.0')
    .showHelpAfterError('(muster COMMAND --help lists the flags)')
    .exitOverride();

  const add = (
    name: CommandName,
    description: string,
    run: (...args: never[]) => Promise<number>,
  ): Command => {
    const command = program
      .command(name)
      .description(description)
      .action(async (...args: unknown[]) =>
        exit(await run(...(args as never[]))),
      );
    addOptions(command, name);
    return command;
  };

  add(
    'train',
    'train here: servers and workers, to the end',
    async (flags: Flags) => {
      const { trainCommand } = await import('./commands/train.js');
      return trainCommand('train', flags, context);
    },
  );
  add(
    'server',
    'serve a run; workers join from anywhere',
    async (flags: Flags) => {
      const { trainCommand } = await import('./commands/train.js');
      return trainCommand('server', flags, context);
    },
  );
  add('worker', 'one worker for a server', async (flags: Flags) => {
    const { workerCommand } = await import('./commands/worker.js');
    return workerCommand(flags, context);
  });
  addLaunchCommands(program, context, exit);
  add(
    'create',
    'a run that others serve: its folder, token and version 0',
    async (name: string, flags: Flags & { keep?: boolean }) => {
      const { createCommand } = await import('./commands/create.js');
      const { keep = false, ...rest } = flags;
      return createCommand(name, rest, { keep }, context);
    },
  )
    .argument('<name>', 'what the run is called')
    .option('--keep', 'leaves a run of this name as it is, if there is one');
  add(
    'evaluate',
    'a trained run on the test set',
    async (run: string, flags: Flags) => {
      const { evaluateCommand } = await import('./commands/evaluate.js');
      return evaluateCommand(run, flags, context);
    },
  ).argument('<run>', 'name or folder of a run');
  add(
    'report',
    'a report of a run: one HTML file, and the same as Markdown',
    async (run: string, flags: Flags & ReportFlags) => {
      const { reportCommand } = await import('./commands/report.js');
      return reportCommand(run, flags, context);
    },
  )
    .argument('<run>', 'name or folder of a run')
    .option('--to <DIR>', "folder to write to (default: the run's)")
    .option('--no-evaluate', 'leaves out what needs the data and a backend');
  add(
    'compare',
    'runs beside each other: figures, settings, curves',
    async (runs: string[], flags: Flags & { readonly html?: string }) => {
      const { compareCommand } = await import('./commands/compare.js');
      return compareCommand(runs, flags, context);
    },
  )
    .argument('<run...>', 'names or folders of two runs or more')
    .option('--html <FILE>', 'page to write, with the curves over each other');
  add(
    'dashboard',
    'the live page of a run that has ended, or goes on elsewhere',
    async (run: string, flags: Flags) => {
      const { dashboardCommand } = await import('./commands/dashboard.js');
      return dashboardCommand(run, flags, context);
    },
  ).argument('<run>', 'name or folder of a run');
  add(
    'predict',
    'which digit is on a picture',
    async (run: string, pictures: string[], flags: Flags) => {
      const { predictCommand } = await import('./commands/predict.js');
      return predictCommand(run, pictures, flags, context);
    },
  )
    .argument('<run>', 'name or folder of a run')
    .argument('<picture...>', 'PNG files of any size');
  add(
    'export',
    'the trained network for other programs',
    async (
      run: string,
      flags: Flags & { format: ExportFormat; to?: string },
    ) => {
      const { exportCommand } = await import('./commands/export.js');
      const { format, to, ...rest } = flags;
      return exportCommand(run, rest, { format, to }, context);
    },
  )
    .argument('<run>', 'name or folder of a run')
    .addOption(
      new Option('--format <FORMAT>', 'file format')
        .choices(EXPORT_FORMATS)
        .default('tfjs'),
    )
    .option('--to <DIR>', 'folder to write to (default: RUN-FORMAT)');
  add(
    'replay',
    'a run again, in the order that it recorded',
    async (run: string, flags: Flags) => {
      const { replayCommand } = await import('./commands/replay.js');
      return replayCommand(run, flags, context);
    },
  ).argument('<run>', 'name or folder of a run');
  add('runs', 'a table of the runs', async (flags: Flags) => {
    const { runsCommand } = await import('./commands/runs.js');
    return runsCommand(flags, context);
  });
  const logs = add(
    'logs',
    'what the processes of a run logged, in the order of time',
    async (run: string, flags: Flags) => {
      const { logsCommand } = await import('./commands/logs.js');
      return logsCommand(run, flags, context);
    },
  ).argument('<run>', 'name or folder of a run');
  for (const { flags, help } of LOGS_FLAGS) logs.option(flags, help);
  add(
    'explore',
    'a look at the data',
    async (flags: Flags & { index?: string; png?: string }) => {
      const { exploreCommand } = await import('./commands/explore.js');
      const { index, png, ...rest } = flags;
      return exploreCommand(rest, { index, png }, context);
    },
  )
    .option('--index <N>', 'example to look at: its label and its picture')
    .option(
      '--png <FILE>',
      'where the picture is written (default: explore-N.png)',
    );
  const certs = program
    .command('certs')
    .description('a private CA and certificates for hosts, for TLS')
    .action(async (flags: Flags) => {
      const { certsCommand } = await import('./commands/certs.js');
      exit(await certsCommand(flags, context));
    });
  for (const { flags, help } of CERTS_FLAGS) certs.option(flags, help);
  add('doctor', 'what is here and what is missing', async (flags: Flags) => {
    const { doctorCommand } = await import('./commands/doctor.js');
    return doctorCommand(flags, context);
  });
  return program;
}

/** Runs the command line `argv` and gives the exit code. */
export async function runCommandLine(
  argv: readonly string[],
  context: Context,
): Promise<number> {
  let code = 0;
  const program = createProgram(context, (exitCode) => {
    code = exitCode;
  });
  try {
    await program.parseAsync([...argv]);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    printError(context.stderr, toMusterError(error));
    return exitCodeOf(toMusterError(error).code);
  }
}

process.exitCode = await runCommandLine(process.argv, processContext());
