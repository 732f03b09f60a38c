import type { Snapshot } from '../../src/contract.ts';
import { byId, element, setText, svgElement } from '../common/dom.ts';
import { capital } from '../common/words.ts';
import type { Dot } from './copies.ts';
import { NodeDrawing } from './draw-node.ts';
import { PathDrawing } from './draw-path.ts';
import type { Box, Point } from './geometry.ts';
import { type Layout, layoutOf } from './layout.ts';
import { describe, type Scene, sceneOf } from './scene.ts';

/** What a copy does that is drawn so. */
const LEGEND: Readonly<Record<Dot, string>> = {
  lease: 'votes and serves',
  voter: 'votes',
  copy: 'a copy',
  follower: 'follows only',
};

/** The nodes as discs, their copies as dots, and the ways of the app to them. */
export function setUpTopology(): { update: (snapshot: Snapshot | null) => void } {
  const host = byId('topology-drawing');
  const svg = svgElement('svg', { role: 'img', class: 'topology' });
  const frames = svgElement('g', {});
  const nodes = svgElement('g', {});
  const paths = { writer: new PathDrawing('writer'), reader: new PathDrawing('reader') };
  svg.append(frames, nodes, paths.writer.root, paths.reader.root);
  host.append(svg);
  const drawn = new Map<string, NodeDrawing>();
  let scene: Scene | null = null;
  let size = { width: 0, height: 0, font: 0 };

  const draw = (resized: boolean) => {
    if (scene === null || size.width === 0) return;
    const layout = layoutOf(scene, size);
    const { font } = size;
    const boxes = layout.frames.map(({ box }, i) => frameElement(scene?.frames[i], box, font));
    frames.replaceChildren(...boxes);
    drawNodes(scene, layout, { drawn, host: nodes, font, jump: resized });
    paths.writer.update(scene.writer, layout.writer, font, resized);
    paths.reader.update(scene.reader, layout.reader, font, resized);
    svg.setAttribute('aria-label', describe(scene));
    svg.dataset.stale = String(scene.stale);
    setText(byId('topology-captions'), capital(scene.captions.join(' · ')));
    showLegend(scene.legend);
  };
  new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = host;
    size = { width, height, font: Number.parseFloat(getComputedStyle(host).fontSize) };
    svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    draw(true);
  }).observe(host);

  return {
    update(snapshot) {
      const card = byId('topology');
      card.hidden = snapshot === null;
      if (snapshot === null) return;
      scene = sceneOf(snapshot);
      draw(false);
    },
  };
}

function frameElement(frame: Scene['frames'][number] | undefined, box: Box, font: number) {
  return svgElement(
    'g',
    { class: 'frame', 'data-kind': frame?.kind ?? '' },
    svgElement('rect', { ...attributes(box), rx: String(font) }),
    text(frame?.title ?? '', { x: box.x + box.width / 2, y: box.y + box.height - font * 0.7 }),
  );
}

interface Drawing {
  readonly drawn: Map<string, NodeDrawing>;
  readonly host: Element;
  readonly font: number;
  readonly jump: boolean;
}

function drawNodes(scene: Scene, layout: Layout, { drawn, host, font, jump }: Drawing): void {
  const there = new Set<string>();
  for (const [f, { kind, nodes }] of scene.frames.entries()) {
    const place = layout.frames[f];
    if (place === undefined) continue;
    const most = Math.max(...nodes.map(({ dots }) => dots.length));
    // A new copy comes from where the range is answered for.
    const source = place.discs[nodes.findIndex(({ dots }) => dots.includes('lease'))];
    for (const [n, node] of nodes.entries()) {
      const at = place.discs[n];
      if (at === undefined) continue;
      there.add(node.key);
      const drawing = drawn.get(node.key) ?? new NodeDrawing();
      if (!drawn.has(node.key)) host.append(drawing.root);
      drawn.set(node.key, drawing);
      const { radius, cell } = place;
      drawing.update(node, kind, { at, from: source ?? at, radius, cell, font, most, jump });
    }
  }
  for (const [key, drawing] of drawn) {
    if (there.has(key)) continue;
    drawing.root.remove();
    drawn.delete(key);
  }
}

function showLegend(kinds: readonly Dot[]): void {
  const list = byId('topology-legend');
  const key = kinds.join();
  if (list.dataset.kinds === key) return;
  list.dataset.kinds = key;
  list.replaceChildren(
    ...kinds.map((kind) =>
      element(
        'li',
        {},
        svgElement(
          'svg',
          { viewBox: '-10 -10 20 20', 'aria-hidden': 'true' },
          svgElement('circle', { class: 'dot', 'data-kind': kind, r: '7' }),
        ),
        LEGEND[kind],
      ),
    ),
  );
}

export function text(words: string, at: Point, attributes: Readonly<Record<string, string>> = {}) {
  const made = svgElement('text', { x: String(at.x), y: String(at.y), ...attributes });
  made.textContent = words;
  return made;
}

function attributes({ x, y, width, height }: Box): Record<string, string> {
  return { x: String(x), y: String(y), width: String(width), height: String(height) };
}
