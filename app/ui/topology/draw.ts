import type { Snapshot } from '../../src/live/types.ts';
import { byId, element, setText, svgElement } from '../dom.ts';
import type { Dot } from './copies.ts';
import { NodeDrawing } from './draw-node.ts';
import { PathDrawing } from './draw-path.ts';
import { type Box, type Layout, layoutOf, type Point } from './layout.ts';
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
    frames.replaceChildren(...scene.frames.map((frame, i) => frameElement(frame, layout, i, size.font)));
    drawNodes(scene, layout, drawn, nodes, size.font, resized);
    paths.writer.update(scene.writer, layout.writer, size.font, resized);
    paths.reader.update(scene.reader, layout.reader, size.font, resized);
    svg.setAttribute('aria-label', describe(scene));
    svg.dataset.stale = String(scene.stale);
    setText(byId('topology-captions'), sentence(scene.captions));
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

function frameElement({ kind, title }: Scene['frames'][number], layout: Layout, i: number, font: number) {
  const box = layout.frames[i] as Box;
  return svgElement(
    'g',
    { class: 'frame', 'data-kind': kind },
    svgElement('rect', { ...attributes(box), rx: String(font) }),
    text(title, { x: box.x + box.width / 2, y: box.y + box.height - font * 0.7 }),
  );
}

function drawNodes(
  scene: Scene,
  layout: Layout,
  drawn: Map<string, NodeDrawing>,
  host: Element,
  font: number,
  resized: boolean,
): void {
  const most = Math.max(...scene.frames.flatMap(({ nodes }) => nodes.map(({ dots }) => dots.length)));
  const there = new Set<string>();
  scene.frames.forEach((frame, f) => {
    // A new copy comes from where the range is answered for.
    const source = frame.nodes.findIndex(({ dots }) => dots.includes('lease'));
    frame.nodes.forEach((node, n) => {
      const at = layout.discs[f]?.[n];
      if (at === undefined) return;
      there.add(node.key);
      let drawing = drawn.get(node.key);
      if (drawing === undefined) {
        drawing = new NodeDrawing();
        drawn.set(node.key, drawing);
        host.append(drawing.root);
      }
      const from = layout.discs[f]?.[source] ?? at;
      const place = { at, from, radius: layout.radius, cell: layout.cell, font, most, jump: resized };
      drawing.update(node, frame.kind, place);
    });
  });
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

function sentence(captions: readonly string[]): string {
  const words = captions.join(' · ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
