/**
 * Loaded before Muster (`node --import`): profiles the process until it ends,
 * and writes what came of it into the folder of `BENCH_PROFILE_FOLDER`.
 * (`--cpu-prof` may not be in `NODE_OPTIONS`, which children inherit.)
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

const folder = process.env['BENCH_PROFILE_FOLDER'] ?? '.';
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.start');
process.on('exit', () => {
  // the answer comes before the call returns
  session.post('Profiler.stop', (error, { profile }) => {
    if (error) return;
    const file = join(folder, `${process.pid}.cpuprofile`);
    writeFileSync(file, JSON.stringify(profile));
  });
});
