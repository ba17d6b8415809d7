/**
 * `muster predict RUN picture.png…`: which class is on a picture of any size,
 * dark on light or light on dark.
 */
import { readFile } from 'node:fs/promises';
import { decodePng, normalizePicture } from '@muster/data';
import { MusterError } from '@muster/protocol';
import { formatProbabilities } from '../view/probabilities.js';
import { print, printJson, settingsFor } from './context.js';
import type { Context } from './context.js';
import { openRun } from './trained-run.js';

/** Runs the command; gives the exit code. */
export async function predictCommand(
  name: string,
  files: readonly string[],
  flags: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<number> {
  const settings = settingsFor('predict', flags, context);
  const trained = await openRun(name, settings);
  const { rows, columns, numClasses } = trained.run.definition.dataset;
  const pictures = await Promise.all(
    files.map((file) => readPicture(file, rows, columns)),
  );
  const { replica, parameters } = trained;
  const images = Uint8Array.from(pictures.flatMap((picture) => [...picture]));
  const count = pictures.length;
  const all = replica.predict({ parameters, images, count });
  replica.dispose();
  const answers = files.map((file, i) => {
    const row = all.subarray(i * numClasses, (i + 1) * numClasses);
    const probabilities = [...row];
    const digit = probabilities.indexOf(Math.max(...probabilities));
    return { file, digit, probabilities };
  });
  if (settings.json) printJson(context.stdout, answers);
  else
    for (const answer of answers) {
      print(context.stdout, formatProbabilities(answer));
    }
  return 0;
}

async function readPicture(
  file: string,
  rows: number,
  columns: number,
): Promise<Uint8Array> {
  try {
    const { pixels, width, height } = decodePng(await readFile(file));
    return normalizePicture(pixels, width, height, rows, columns);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MusterError(
      'ERR_CONFIG',
      `${file} cannot be read as a PNG picture: ${reason}`,
      { cause },
    );
  }
}
