/** Small help for the DOM. Text is only ever set as text. */

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no element with the id "${id}".`);
  return element as T;
}

/** Leaves an unchanged text alone, so that nothing is laid out or announced again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

type Child = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svgElement(
  tag: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Node[]
) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * A button that must not be used now stays reachable by keyboard, keeps its focus, and says so; the handler of the button
 * asks `isOff` before it acts.
 */
export function setOff(button: Element, off: boolean): void {
  button.setAttribute('aria-disabled', String(off));
}

export function isOff(button: Element): boolean {
  return button.getAttribute('aria-disabled') === 'true';
}
