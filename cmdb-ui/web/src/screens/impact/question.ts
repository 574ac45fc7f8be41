// The explorer's question as it stands in the address, and the API's address for it.
import { url } from '$/lib/api';
import { go, here, setQuery } from '$/lib/router.svelte';

export const PAGE = 50;
export const ROOT_STATES = ['down', 'degraded', 'at_risk', 'maintenance'] as const;
export type RootState = (typeof ROOT_STATES)[number];
export type Root = { ref: string; state: RootState };

/** Parameters that the drawing's question shares with the page's address. */
const SHARED = ['dir', 'depth', 'columns', 'group', 'max', 'open', 'all_links', 'box', 'only', 'q', 'where', 'sort', 'cursor', 'at', 'proposal'];

/** `REF` or `REF=STATE`; ids hold no equals sign. */
function read(text: string): Root {
  const at = text.lastIndexOf('=');
  const state = text.slice(at + 1) as RootState;
  return at > 0 && ROOT_STATES.includes(state) ? { ref: text.slice(0, at), state } : { ref: text, state: 'down' };
}

export const written = ({ ref, state }: Root): string => (state === 'down' ? ref : `${ref}=${state}`);

/** Roots under one name of the query: `root`, or `versus` for the second scenario. */
export function rootsIn(name: 'root' | 'versus'): Root[] {
  return here.query.getAll(name).filter(Boolean).map(read);
}

/** Puts other roots into the address; what was selected or opened among the old ones goes. */
export function setRoots(name: 'root' | 'versus', roots: Root[]): void {
  const query = new URLSearchParams(here.query);
  for (const gone of [name, 'open', 'box', 'sel', 'cursor']) query.delete(gone);
  for (const root of roots) query.append(name, written(root));
  go(`${here.path}?${query}`);
}

function append(path: string, names: ('root' | 'versus')[], other: Record<string, string>): string {
  const query = new URLSearchParams();
  for (const name of names) for (const root of rootsIn(name)) query.append(name, written(root));
  for (const [name, value] of Object.entries(other)) if (value) query.set(name, value);
  return `${url(path)}?${query}`;
}

/** The drawing with a page of its table; null without a root. */
export function drawingUrl(changes: Record<string, string> = {}): string | null {
  if (!rootsIn('root').length) return null;
  const shared = Object.fromEntries(SHARED.map((name) => [name, here.text(name)]));
  return append('/impact/drawing', ['root'], { ...shared, limit: String(PAGE), ...changes });
}

export function whyUrl(target: string): string | null {
  if (!target || !rootsIn('root').length) return null;
  return append('/why', ['root'], { target, at: here.text('at'), proposal: here.text('proposal') });
}

export function comparisonUrl(): string | null {
  if (!rootsIn('root').length || !rootsIn('versus').length) return null;
  return append('/impact/comparison', ['root', 'versus'], { limit: String(PAGE), at: here.text('at'), proposal: here.text('proposal') });
}

/** Opens a group, or puts it together again. */
export function toggleOpen(id: string): void {
  const open = here.text('open').split(',').filter(Boolean);
  const next = open.includes(id) ? open.filter((each) => each !== id) : [...open, id];
  setQuery({ open: next.join(',') || null });
}

/** One step more or less; `all` is beyond the last. */
export function stepDepth(by: number, steps: number): void {
  const now = Number(here.text('depth')) || steps;
  const next = now + by;
  if (next < 1) return;
  setQuery({ depth: next >= steps && by > 0 && !here.text('depth') ? null : String(next), box: null, cursor: null });
}
