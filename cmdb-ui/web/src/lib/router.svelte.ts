// Where the page is: the address is the only place where a view keeps its state.
import { find, type Screen } from '$/screens';

type Place = { path: string; query: URLSearchParams; screen: Screen | null; parts: Record<string, string> };

function read(): Place {
  const { pathname, search } = window.location;
  const found = find(pathname);
  return {
    path: pathname,
    query: new URLSearchParams(search),
    screen: found?.screen ?? null,
    parts: found?.parts ?? {},
  };
}

let place = $state.raw(read());

/** The present address, taken apart. */
export const here = {
  get path() {
    return place.path;
  },
  get query() {
    return place.query;
  },
  get screen() {
    return place.screen;
  },
  /** What stands in the braces of the screen's path, decoded. */
  get parts() {
    return place.parts;
  },
  /** A parameter of the query, or the fallback. */
  text(name: string, fallback = ''): string {
    return place.query.get(name) ?? fallback;
  },
};

/** Goes to an address of the page; `replace` leaves no step in the back button. */
export function go(url: string, replace = false): void {
  // The as-of date belongs to every view; an address of the same view says its whole query, and so takes it away.
  const to = new URL(url, window.location.origin);
  const at = place.query.get('at');
  const samePath = to.pathname === place.path;
  if (at && !samePath && !to.searchParams.has('at')) to.searchParams.set('at', at);
  window.history[replace ? 'replaceState' : 'pushState'](null, '', to);
  place = read();
  if (!samePath) window.scrollTo(0, 0);
}

/** Changes parameters of the query; null and the empty text take one away. `replace` while typing. */
export function setQuery(changes: Record<string, string | null>, replace = false): void {
  go(place.path + queryWith(changes), replace);
}

/** The query with these changes, as it stands in a link. */
export function queryWith(changes: Record<string, string | null>): string {
  const query = new URLSearchParams(place.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  return '?' + text;
}

/** Lets plain links of this page be steps of it, and follows the back button. */
export function startRouter(): void {
  window.addEventListener('popstate', () => (place = read()));
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = (event.target as Element | null)?.closest('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin) return;
    if (link.pathname.startsWith('/api/') || (link.hash && link.pathname === place.path)) return;
    event.preventDefault();
    go(link.getAttribute('href')?.startsWith('?') ? link.pathname + link.search : link.pathname + link.search + link.hash);
  });
}
