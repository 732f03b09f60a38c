import { byId, element } from './common/dom.ts';
import { keep, recall } from './memory.ts';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const KEY = 'theme';

/** The colours of `style.css` that the canvases draw with, for the theme that is on now. */
export class Colours {
  readonly #probe = element('i', { hidden: '' });
  readonly #known = new Map<string, string>();

  constructor() {
    document.body.append(this.#probe);
  }

  forget(): void {
    this.#known.clear();
  }

  /** `name`: a custom property that holds an opaque colour, e.g. `--reads`. */
  of(name: string, alpha = 1): string {
    const key = `${name}/${alpha}`;
    let colour = this.#known.get(key);
    if (colour === undefined) {
      this.#probe.style.color = `var(${name})`;
      const opaque = getComputedStyle(this.#probe).color;
      colour = alpha === 1 ? opaque : opaque.replace('rgb(', 'rgba(').replace(')', `, ${alpha})`);
      this.#known.set(key, colour);
    }
    return colour;
  }
}

/** The theme button. Calls back whenever the colours change: by the button, by its key, or by the system. */
export function setUpTheme(onChange: () => void): { next: () => void } {
  const button = byId('theme');
  let theme: Theme = THEMES.find((known) => known === recall('localStorage', KEY)) ?? 'auto';
  const apply = () => {
    document.documentElement.dataset.theme = theme;
    button.replaceChildren(`Theme: ${theme} `, element('kbd', {}, 't'));
    onChange();
  };
  const next = () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    keep('localStorage', KEY, theme);
    apply();
  };
  button.addEventListener('click', next);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  apply();
  return { next };
}
