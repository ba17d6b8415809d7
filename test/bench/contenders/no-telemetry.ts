/**
 * Loaded before Muster (`node --import`): its processes tell nothing then, as
 * if nobody had thought of telemetry. For the benchmark of what that costs.
 */
import { register } from 'node:module';

register(new URL('no-telemetry-hooks.js', import.meta.url));
