export {
  SCRIPTED_FACTS,
  SCRIPTED_SHA256,
  SCRIPTED_START,
  scriptedTime,
} from './testing/scripted-facts.js';
export {
  scriptedEpoch,
  scriptedIncidents,
  scriptedPoints,
  scriptedRun,
} from './testing/scripted-run.js';
export { scriptedState } from './testing/scripted-state.js';
export { drawn, scriptedPictures } from './testing/scripted-pictures.js';
export { ScriptedFeed } from './testing/scripted-feed.js';
