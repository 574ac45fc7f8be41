// Keys of the page. A view binds its own while it is there; the newest binding of a key wins; `?` lists them all.
import { untrack } from 'svelte';

export type Key = {
  /** `j`, `?`, `g h` (one after the other) or `mod+k` (Ctrl, or Cmd on a Mac). */
  press: string;
  says: string;
  run: (event: KeyboardEvent) => void;
};

const SEQUENCE_MS = 900;
const OFF = 'cmdb.keys-off';

let layers = $state.raw<Key[][]>([]);
let off = $state(localStorage.getItem(OFF) !== null);
let before: { key: string; at: number } | null = null;

export const keyboard = {
  get all(): Key[] {
    return layers.flat();
  },
  /** Whether single letters are switched off; combinations with Ctrl stay. */
  get off() {
    return off;
  },
  set off(value: boolean) {
    off = value;
    if (value) localStorage.setItem(OFF, '');
    else localStorage.removeItem(OFF);
  },
};

/** Binds keys for as long as the calling component lives. */
export function bindKeys(keys: Key[]): void {
  $effect(() => {
    layers = untrack(() => [...layers, keys]);
    return () => void (layers = untrack(() => layers.filter((layer) => layer !== keys)));
  });
}

function typing(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element?.closest) return false;
  return element.isContentEditable || !!element.closest('input:not([type=checkbox]), textarea, select, [data-editor]');
}

function find(press: string): Key | undefined {
  return layers.flat().findLast((key) => key.press === press);
}

export function startKeyboard(): void {
  window.addEventListener('keydown', (event) => {
    const mod = event.ctrlKey || event.metaKey;
    if (event.altKey || event.defaultPrevented) return;
    if (mod) {
      const key = find(`mod+${event.key.toLowerCase()}`);
      if (key) {
        event.preventDefault();
        key.run(event);
      }
      return;
    }
    if (off || typing(event.target) || document.querySelector('dialog[open]')) return;
    const sequence = before && event.timeStamp - before.at < SEQUENCE_MS ? find(`${before.key} ${event.key}`) : undefined;
    const key = sequence ?? find(event.key);
    before = { key: event.key, at: event.timeStamp };
    if (!key) return;
    event.preventDefault();
    before = null;
    key.run(event);
  });
}
