/**
 * Light and dark: the system's, unless a person chose. `theme-first.js` has
 * put the choice in place before anything was painted.
 */

const KEY = 'muster-theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

/**
 * Makes a button go through the themes.
 * @param changed is called when colours are others than before.
 */
export function followTheme(button: HTMLElement, changed: () => void): void {
  const show = () => {
    button.textContent = `Theme: ${chosen()}`;
    changed();
  };
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(chosen()) + 1) % THEMES.length];
    choose(next ?? 'system');
    show();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);
  show();
}

function chosen(): Theme {
  const { theme } = document.documentElement.dataset;
  return THEMES.find((one) => one === theme) ?? 'system';
}

function choose(theme: Theme): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset['theme'];
  else dataset['theme'] = theme;
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage is closed to this page: the choice holds until it is left.
  }
}

const known = new Map<string, string>();
let probe: HTMLElement | undefined;

/** A colour of the style sheet by its name, as a canvas takes it. */
export function colour(name: `--${string}`): string {
  const { theme } = document.documentElement.dataset;
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const key = `${name} ${theme ?? isDark}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  probe ??= document.body.appendChild(document.createElement('i'));
  probe.hidden = true;
  probe.style.color = `var(${name})`;
  const value = getComputedStyle(probe).color;
  known.set(key, value);
  return value;
}
