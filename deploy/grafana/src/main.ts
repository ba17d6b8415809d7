/** `npm run dashboards`: writes what Grafana reads, and the README's tables. */
import { writeFiles } from './files.js';

for (const path of await writeFiles()) {
  process.stdout.write(`deploy/grafana/${path}\n`);
}
