// Queries run before, newest first; in this browser alone.
const KEY = 'cmdb.queries';
const KEPT = 50;

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}

let queries = $state.raw(read());

function keep(next: string[]): void {
  queries = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Without storage the list lasts as long as the page.
  }
}

export const past = {
  get all() {
    return queries;
  },
  add: (query: string): void => keep([query, ...queries.filter((each) => each !== query)].slice(0, KEPT)),
  forget: (): void => keep([]),
};
