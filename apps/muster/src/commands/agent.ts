/**
 * `muster agent`: what `muster launch` runs on each host. It is told what to
 * do on its standard input; nobody types it.
 */
import { Agent } from '../launch/agent.js';

/** Signals of a machine that goes down. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs until everything that it was told to start has ended. */
export async function agentCommand(): Promise<number> {
  const { stdin: input, stdout: output } = process;
  const agent = new Agent({ input, output });
  for (const signal of SIGNALS) process.on(signal, () => agent.stop(signal));
  await agent.run();
  return 0;
}
