/**
 * The live page: listens to the feed, and shows what it says.
 */
import { AnswersView } from './answers-view.js';
import { classify } from './classify.js';
import { FeedConnection } from './connection.js';
import type { ConnectionStatus } from './connection.js';
import { CurvesView } from './curves-view.js';
import { byId, setText } from './dom.js';
import { DrawView } from './draw-view.js';
import { FactsView } from './facts-view.js';
import { HeaderView, showConnection } from './header-view.js';
import { IncidentsView } from './incidents-view.js';
import { LeavesView } from './leaves-view.js';
import { Painter } from './painter.js';
import { PicturesView } from './pictures-view.js';
import { applyMessage, emptyModel } from './run-model.js';
import { followTheme } from './theme.js';
import { TokenStore, browserPlace } from './token.js';
import { WorkersView } from './workers-view.js';

const model = emptyModel();
const tokens = new TokenStore(browserPlace());
const curves = new CurvesView();
const draw = new DrawView((image) => classify(image, tokens));
const painter = new Painter(model, [
  new HeaderView(),
  new AnswersView(),
  curves,
  new WorkersView(),
  new LeavesView(),
  new IncidentsView(),
  new PicturesView((image, name) => draw.pick(image, name)),
  draw,
  new FactsView(),
]);
let status: ConnectionStatus = { is: 'connecting' };

const isEnded = () => model.state?.phase === 'ended';
const connection = new FeedConnection(tokens, {
  isEnded,
  message: (message) => {
    applyMessage(model, message);
    painter.changed(message.type);
    if (message.type === 'state') showConnection(status, isEnded());
  },
  status: (now) => {
    status = now;
    showConnection(now, isEnded());
    showForm(now);
  },
});

const form = byId('token-form', HTMLFormElement);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const field = byId('token', HTMLInputElement);
  connection.useToken(field.value.trim());
  field.value = '';
});

function showForm(now: ConnectionStatus): void {
  const isNeeded = now.is === 'refused';
  form.hidden = !isNeeded;
  document.body.classList.toggle('locked', isNeeded);
  if (!isNeeded) return;
  const why = now.hadToken
    ? 'The server does not take the token that it was given.'
    : 'The server shows this run to those who know its token: the content of the file that --metrics-token-file names.';
  setText(byId('token-why', HTMLElement), why);
  byId('token', HTMLInputElement).focus();
}

followTheme(byId('theme', HTMLElement), () => curves.restyle());
void connection.run();
