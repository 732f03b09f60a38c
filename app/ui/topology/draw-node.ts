import { svgElement } from '../common/dom.ts';
import type { Dot } from './copies.ts';
import { dotPlaces, type Point } from './geometry.ts';
import { type SceneFrame, type SceneNode, STATES } from './scene.ts';

export interface NodePlace {
  readonly at: Point;
  /** Where new copies come from. */
  readonly from: Point;
  readonly radius: number;
  readonly cell: number;
  readonly font: number;
  /** Dots of the fullest node. */
  readonly most: number;
  /** Without a way there: the drawing has another size. */
  readonly jump: boolean;
}

/** One node: a disc with a dot for each copy, and its name. What changes place glides there by the style sheet's transitions. */
export class NodeDrawing {
  readonly root = svgElement('g', { class: 'node' });
  readonly #disc = svgElement('circle', { class: 'disc' });
  readonly #dots = svgElement('g', {});
  readonly #cross = svgElement('path', { class: 'cross' });
  readonly #sign = svgElement('path', { class: 'sign' });
  readonly #name = svgElement('text', {});
  #placed = false;

  constructor() {
    this.root.append(this.#disc, this.#sign, this.#dots, this.#cross, this.#name);
  }

  update({ name, state, dots }: SceneNode, kind: SceneFrame['kind'], place: NodePlace): void {
    const { at, radius, font, cell } = place;
    const { root } = this;
    root.dataset.state = state;
    root.dataset.kind = kind;
    root.classList.toggle('jump', place.jump || !this.#placed);
    root.style.transform = `translate(${at.x}px, ${at.y}px)`;
    this.#placed = true;
    this.#disc.setAttribute('r', String(radius));
    const arm = radius * 0.62;
    this.#cross.setAttribute('d', `M${-arm} ${-arm}L${arm} ${arm}M${arm} ${-arm}L${-arm} ${arm}`);
    this.#sign.setAttribute('d', kind === 'one' ? cylinder(radius * 0.42) : '');
    this.#updateDots(dots, place);
    this.#name.setAttribute('y', String(radius + font * 1.25));
    const words = [shortened(name, (cell / font) * 1.6 - STATES[state].length), STATES[state]];
    const text = kind === 'one' && state === 'dead' ? 'does not answer' : words.filter(Boolean).join(' ');
    if (this.#name.textContent !== text) this.#name.textContent = text;
  }

  #updateDots(dots: readonly Dot[], { at, from, radius, most, jump }: NodePlace): void {
    const { places, size } = dotPlaces(dots.length, most, radius);
    const there = [...this.#dots.children] as SVGElement[];
    dots.forEach((kind, i) => {
      const to = places[i] ?? { x: 0, y: 0 };
      let dot = there[i];
      if (dot === undefined) {
        dot = svgElement('circle', { class: 'dot' });
        this.#dots.append(dot);
        if (!jump) {
          // From the node that it was copied from; it must have been there once to glide from there.
          dot.style.transform = `translate(${from.x - at.x}px, ${from.y - at.y}px)`;
          dot.style.setProperty('--delay', `${i * 60}ms`);
          dot.getBoundingClientRect();
        }
      }
      dot.dataset.kind = kind;
      dot.setAttribute('r', String(size));
      dot.style.transform = `translate(${to.x}px, ${to.y}px)`;
    });
    for (const gone of there.slice(dots.length)) gone.remove();
  }
}

function shortened(name: string, most: number): string {
  const room = Math.max(4, Math.floor(most));
  return name.length <= room ? name : `${name.slice(0, room - 1)}…`;
}

/** The sign of a database. */
function cylinder(half: number): string {
  const flat = half * 0.36;
  const lid = `M${-half} ${-half}A${half} ${flat} 0 0 1 ${half} ${-half}A${half} ${flat} 0 0 1 ${-half} ${-half}`;
  return `${lid}V${half}A${half} ${flat} 0 0 0 ${half} ${half}V${-half}M${-half} 0A${half} ${flat} 0 0 0 ${half} 0`;
}
