// Changes as lists show them.
import { link } from './at.svelte';
import { find } from '$/screens';
import type { ItemRef } from './types';

export type ChangeRow = ItemRef & {
  number: string;
  title: string;
  type: string;
  status: string;
  start: string | null;
  end: string | null;
  risk: string | null;
  affects: (ItemRef & { state: string })[];
};

/** The page of a change. */
export function changeLink(change: { id: string }): string {
  return link(find(`/changes/${change.id}`) ? `/changes/${change.id}` : `/ci/${change.id}`);
}

/** Not over yet, the next to begin first. */
export function ahead(changes: ChangeRow[], now = Date.now()): ChangeRow[] {
  const isAhead = (change: ChangeRow) => change.end !== null && Date.parse(change.end) >= now && !OVER.has(change.status);
  return changes.filter(isAhead).toSorted((a, b) => Date.parse(a.start!) - Date.parse(b.start!));
}

const OVER = new Set(['closed', 'cancelled', 'rejected', 'reviewed', 'implemented', 'backed_out']);
