import { svgElement } from '../common/dom.ts';
import { formatCount } from '../common/format.ts';
import { Glide } from '../common/motion.ts';
import type { PathPlace } from './layout.ts';
import type { ScenePath } from './scene.ts';

/** One way of the app to the database: who goes there, and an arrow that is as thick as there is traffic. */
export class PathDrawing {
  readonly root: SVGElement;
  readonly #rect = svgElement('rect', { class: 'pill' });
  readonly #title = svgElement('text', { class: 'title' });
  readonly #user = svgElement('text', { class: 'user' });
  readonly #line = svgElement('path', { class: 'line' });
  readonly #head = svgElement('path', { class: 'head' });
  readonly #cross = svgElement('path', { class: 'cross' });
  readonly #glide = new Glide((values) => this.#drawArrow(values));

  constructor(name: 'writer' | 'reader') {
    this.root = svgElement(
      'g',
      { class: 'path', 'data-path': name },
      this.#line,
      this.#head,
      this.#cross,
      this.#rect,
      this.#title,
      this.#user,
    );
  }

  update(path: ScenePath, place: PathPlace, font: number, jump: boolean): void {
    const { pill, arrow } = place;
    this.root.dataset.silent = String(path.silent);
    for (const [name, value] of Object.entries(pill)) this.#rect.setAttribute(name, String(value));
    this.#rect.setAttribute('rx', String(font * 0.7));
    const middle = String(pill.x + pill.width / 2);
    const words = path.silent ? path.title : `${path.title} ${formatCount(path.rate)}/s`;
    write(this.#title, words, middle, pill.y + font * 1.25);
    write(this.#user, path.silent ? 'no answer' : `as ${shortened(path.user)}`, middle, pill.y + font * 2.45);
    const thickness = thicknessOf(path.rate) * (font / 15);
    this.#glide.to([...arrow.flatMap(({ x, y }) => [x, y]), thickness], jump);
  }

  #drawArrow(values: readonly number[]): void {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0, x = 0, y = 0, thickness = 4] = values;
    const head = thickness * 1.5 + 5;
    const length = Math.hypot(x - x3, y - y3) || 1;
    const [dx, dy] = [(x - x3) / length, (y - y3) / length];
    // The line ends within the head.
    const [ex, ey] = [x - dx * head, y - dy * head];
    this.#line.setAttribute('d', `M${x1} ${y1}C${x2} ${y2} ${x3} ${y3} ${ex} ${ey}`);
    this.#line.setAttribute('stroke-width', String(thickness));
    const side = head * 0.8;
    this.#head.setAttribute(
      'd',
      `M${x} ${y}L${ex - dx * 3 - dy * side} ${ey - dy * 3 + dx * side}L${ex - dx * 3 + dy * side} ${ey - dy * 3 - dx * side}Z`,
    );
    const [mx, my] = [(x1 + 3 * x2 + 3 * x3 + x) / 8, (y1 + 3 * y2 + 3 * y3 + y) / 8];
    const arm = head * 0.7;
    this.#cross.setAttribute(
      'd',
      `M${mx - arm} ${my - arm}L${mx + arm} ${my + arm}M${mx + arm} ${my - arm}L${mx - arm} ${my + arm}`,
    );
  }
}

/** A request a second is a thread, a thousand a rope. */
function thicknessOf(rate: number): number {
  return 3 + 2.4 * Math.log10(1 + Math.max(0, rate));
}

const MOST_LETTERS = 14;

function shortened(user: string): string {
  return user.length <= MOST_LETTERS ? user : `${user.slice(0, MOST_LETTERS - 1)}…`;
}

function write(target: SVGElement, words: string, x: string, y: number): void {
  if (target.textContent !== words) target.textContent = words;
  target.setAttribute('x', x);
  target.setAttribute('y', String(y));
}
