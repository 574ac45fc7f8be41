// What was looked at last on this device: the palette's first suggestions.
import type { ItemRef } from './types';

const KEY = 'cmdb.recent';
const MAX = 8;

function read(): ItemRef[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? (kept as ItemRef[]).slice(0, MAX) : [];
  } catch {
    return [];
  }
}

let items = $state.raw(read());

export const recent = {
  get items() {
    return items;
  },
  note({ id, class: kind, name }: ItemRef): void {
    if (items[0]?.id === id && items[0].name === name) return;
    items = [{ id, class: kind, name }, ...items.filter((item) => item.id !== id)].slice(0, MAX);
    localStorage.setItem(KEY, JSON.stringify(items));
  },
};
