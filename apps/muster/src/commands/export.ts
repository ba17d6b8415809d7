/**
 * `muster export RUN`: the trained network for other programs.
 */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { encodeSafetensors } from '@muster/checkpoint';
import { describeModel, saveLayersModel } from '@muster/model';
import type { RunDefinition } from '@muster/protocol';
import { makeFolder } from '../run/make-folder.js';
import { findRun } from '../run/run-folder.js';
import { newestParameters } from '../run/run-checkpoints.js';
import { print, settingsFor } from './context.js';
import type { Context } from './context.js';

/** What a network can be exported as. */
export const EXPORT_FORMATS = ['tfjs', 'safetensors'] as const;
/** One of {@link EXPORT_FORMATS}. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Runs the command; gives the exit code. */
export async function exportCommand(
  name: string,
  flags: Readonly<Record<string, unknown>>,
  target: { format: ExportFormat; to: string | undefined },
  context: Context,
): Promise<number> {
  const settings = settingsFor('export', flags, context);
  const folder = await findRun(name, settings.out);
  const definition = await folder.readDefinition();
  const parameters = await newestParameters({ folder, definition });
  const to = resolve(target.to ?? `${definition.runId}-${target.format}`);
  await makeFolder(to, '--to');
  const path = await writers[target.format](to, definition, parameters);
  print(context.stdout, path);
  return 0;
}

const writers = {
  async tfjs(to: string, run: RunDefinition, parameters: Float32Array) {
    await saveLayersModel(to, describeModel(run.model.topology), parameters);
    return join(to, 'model.json');
  },
  async safetensors(to: string, run: RunDefinition, parameters: Float32Array) {
    const path = join(to, 'model.safetensors');
    await writeFile(path, safetensorsOf(run, parameters));
    return path;
  },
};

/** Every tensor under its layout's name. */
function safetensorsOf(
  run: RunDefinition,
  parameters: Float32Array,
): Uint8Array {
  const tensors = run.model.layout.map(({ name, shape, offset }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const data = parameters.subarray(offset, offset + length);
    return { name, shape, data };
  });
  const { runId, model } = run;
  return encodeSafetensors({
    tensors,
    metadata: { runId, model: model.fingerprint },
  });
}
