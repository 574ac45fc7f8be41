// Every screen of the page: a file in `screens/` and a line here. Rail, palette, router and titles read this table.
import type { Component } from 'svelte';
import type { IconName } from '$/lib/icons';
import { screenTitles as titles } from '$/text/frame';

export type Screen = {
  /** `/ci/{id}/{tab?}`: braces take one segment, a question mark lets it be absent. */
  path: string;
  title: string;
  /** Where it stands in the rail, if it does. */
  rail?: { group: 'main' | 'more'; icon: IconName; key?: string };
  /** What a caller must hold to be offered it. */
  right?: string;
  load: () => Promise<{ default: Component }>;
};

export const screens: Screen[] = [
  { path: '/', title: titles.home, rail: { group: 'main', icon: 'home', key: 'h' }, load: () => import('$/screens/Home.svelte') },
  { path: '/ci', title: titles.inventory, rail: { group: 'main', icon: 'list', key: 'i' }, load: () => import('$/screens/Inventory.svelte') },
  { path: '/ci/{id}/{tab?}', title: titles.item, load: () => import('$/screens/Item.svelte') },
  { path: '/impact', title: titles.impact, rail: { group: 'main', icon: 'impact', key: 'm' }, load: () => import('$/screens/Impact.svelte') },
  { path: '/changes', title: titles.changes, rail: { group: 'main', icon: 'change', key: 'c' }, load: () => import('$/screens/Changes.svelte') },
  { path: '/changes/calendar', title: titles.calendar, load: () => import('$/screens/Calendar.svelte') },
  { path: '/changes/{id}', title: titles.change, load: () => import('$/screens/Change.svelte') },
  { path: '/cab/{date?}', title: titles.board, load: () => import('$/screens/Cab.svelte') },
  { path: '/services', title: titles.services, rail: { group: 'main', icon: 'service', key: 's' }, load: () => import('$/screens/Services.svelte') },
  { path: '/services/{id}', title: titles.service, load: () => import('$/screens/Service.svelte') },
  { path: '/query', title: titles.query, rail: { group: 'main', icon: 'query', key: 'q' }, load: () => import('$/screens/Query.svelte') },
  { path: '/import/{step?}', title: titles.import, rail: { group: 'main', icon: 'import' }, load: () => import('$/screens/Import.svelte') },
  { path: '/quality/{rule?}', title: titles.quality, rail: { group: 'more', icon: 'quality' }, load: () => import('$/screens/Quality.svelte') },
  { path: '/audit/{part?}', title: titles.audit, rail: { group: 'more', icon: 'audit' }, load: () => import('$/screens/Audit.svelte') },
  { path: '/admin/{part?}', title: titles.admin, rail: { group: 'more', icon: 'admin' }, load: () => import('$/screens/Admin.svelte') },
];

export type Found = { screen: Screen; parts: Record<string, string> };

function match(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern, path].map((text) => text.split('/').filter(Boolean)) as [string[], string[]];
  if (given.length > wanted.length) return null;
  const parts: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const name = /^\{(\w+)(\??)\}$/.exec(part);
    const text = given[at];
    if (text === undefined) {
      if (!name?.[2]) return null;
    } else if (name) {
      try {
        parts[name[1]!] = decodeURIComponent(text);
      } catch {
        return null;
      }
    } else if (part !== text) return null;
  }
  return parts;
}

/** The address of a screen without its optional parts, for rail and palette. */
export function home(screen: Screen): string {
  return screen.path.replace(/\/\{\w+\?\}/g, '');
}

/** The screen that shows this path. */
export function find(path: string): Found | null {
  for (const screen of screens) {
    const parts = match(screen.path, path);
    if (parts) return { screen, parts };
  }
  return null;
}
