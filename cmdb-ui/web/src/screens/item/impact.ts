// The question every item page asks: what if this goes down?
import { readUrl } from '$/lib/at.svelte';
import type { Impact, Item, State } from '$/lib/types';

export function impactUrl(item: Item, limit: number): string {
  return readUrl('/impact', { ref: item.id, limit });
}

/** Counts by state, worst first, nothing for none. */
export function byState(impact: Impact): { state: State; count: number }[] {
  const states: State[] = ['down', 'degraded', 'at_risk'];
  return states.map((state) => ({ state, count: impact.summary.by_state[state] ?? 0 })).filter(({ count }) => count > 0);
}
