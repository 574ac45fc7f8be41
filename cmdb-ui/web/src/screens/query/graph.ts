// A query's rows as a graph: the items and relationships in them, laid out in columns along the relationships. Small
// ones only; what is large is read as a table.
import { className } from '$/lib/classes.svelte';
import type { Box, Drawing, Link } from '$/lib/drawing';
import type { Value } from '$/lib/types';
import { asNode } from './value';

export const NODES_MAX = 200;
const [WIDTH, HEIGHT, GAP, BETWEEN, TALL] = [210, 44, 12, 90, 24];

export type Node = { id: string; name: string; class: string };
export type Edge = { source: string; target: string; type: string };
export type Graph = { nodes: Node[]; edges: Edge[]; left: number };

/** Everything in the rows that is an item or a relationship, within lists, maps and paths too. */
export function graphOf(rows: Value[][]): Graph {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  let left = 0;
  function see(value: Value): void {
    if (!value || typeof value !== 'object') return;
    if (Array.isArray(value)) return value.forEach(see);
    const node = asNode(value);
    const { id, type, source, target } = value;
    if (node) {
      if (nodes.has(node.id)) return;
      if (nodes.size < NODES_MAX) nodes.set(node.id, { id: node.id, name: node.name ?? node.id, class: node.class ?? '' });
      else left += 1;
    } else if (typeof id === 'string' && typeof type === 'string' && typeof source === 'string' && typeof target === 'string') {
      edges.set(id, { source, target, type });
    } else Object.values(value).forEach(see);
  }
  rows.forEach((row) => row.forEach(see));
  return { nodes: [...nodes.values()], edges: between(nodes, [...edges.values()]), left };
}

const between = (nodes: Map<string, Node>, edges: Edge[]) => edges.filter(({ source, target }) => nodes.has(source) && nodes.has(target));

/** The column of each node: one behind everything that leads to it; a relationship that closes a cycle does not count. */
function columnsOf({ nodes, edges }: Graph): Map<string, number> {
  const out = new Map<string, string[]>(nodes.map(({ id }) => [id, []]));
  for (const { source, target } of edges) if (source !== target) out.get(source)!.push(target);
  const state = new Map<string, 'open' | 'done'>();
  const order: string[] = [];
  const forward = new Map<string, string[]>();
  function visit(id: string): void {
    state.set(id, 'open');
    const kept = out.get(id)!.filter((next) => state.get(next) !== 'open');
    forward.set(id, kept);
    for (const next of kept) if (!state.has(next)) visit(next);
    state.set(id, 'done');
    order.unshift(id);
  }
  for (const { id } of nodes) if (!state.has(id)) visit(id);
  const column = new Map<string, number>(order.map((id) => [id, 0]));
  for (const id of order) for (const next of forward.get(id)!) column.set(next, Math.max(column.get(next)!, column.get(id)! + 1));
  return column;
}

/** Boxes and lines as the drawing takes them; tall columns are broken into several. */
export function drawn(graph: Graph): Drawing {
  const column = columnsOf(graph);
  const last = Math.max(0, ...column.values());
  const place = new Map<string, number>();
  const boxes: Box[] = [];
  let x = 12;
  for (let at = 0; at <= last; at += 1) {
    // Each node stands where what leads to it stands, in the middle.
    const middle = (id: string) => {
      const before = graph.edges.filter(({ target }) => target === id).flatMap(({ source }) => place.get(source) ?? []);
      return before.length ? before.reduce((sum, y) => sum + y, 0) / before.length : 0;
    };
    const here = graph.nodes
      .filter(({ id }) => column.get(id) === at)
      .map((node) => ({ node, y: middle(node.id) }))
      .sort((a, b) => a.y - b.y || a.node.name.localeCompare(b.node.name));
    here.forEach(({ node }, index) => {
      const y = 12 + (index % TALL) * (HEIGHT + GAP);
      place.set(node.id, y);
      boxes.push({
        ...{ id: node.id, kind: 'item', column: at, x: x + Math.floor(index / TALL) * (WIDTH + 20), y, width: WIDTH, height: HEIGHT },
        ...{ root: false, open: false, label: node.name, class: node.class, class_label: className(node.class), count: 1, states: {}, inner: 0 },
      });
    });
    x += Math.max(1, Math.ceil(here.length / TALL)) * (WIDTH + 20) - 20 + BETWEEN;
  }
  const index = new Map(boxes.map((box, at) => [box.id, at]));
  const links = new Map<string, Link>();
  for (const { source, target } of graph.edges) {
    const [from, to] = [index.get(source)!, index.get(target)!];
    const known = links.get(`${from} ${to}`);
    if (known) known.relationships += 1;
    else links.set(`${from} ${to}`, { from, to, relationships: 1, soft: false, path: curve(boxes[from]!, boxes[to]!) });
  }
  const height = Math.max(...boxes.map((box) => box.y + box.height), 0) + 12;
  return { width: x - BETWEEN + 12, height, columns: [], boxes, links: [...links.values()] };
}

function curve(a: Box, b: Box): string {
  const [x1, y1, x2, y2] = [a.x + a.width, a.y + a.height / 2, b.x, b.y + b.height / 2];
  const bend = Math.max(40, Math.abs(x2 - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}
