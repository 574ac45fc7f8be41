// Light or dark: as the system says, until somebody chooses.
export type Scheme = 'system' | 'light' | 'dark';

const KEY = 'cmdb.scheme';
const kept = localStorage.getItem(KEY);

let chosen = $state<Scheme>(kept === 'light' || kept === 'dark' ? kept : 'system');

function apply(): void {
  if (chosen === 'system') delete document.documentElement.dataset.scheme;
  else document.documentElement.dataset.scheme = chosen;
}

apply();

export const scheme = {
  get chosen() {
    return chosen;
  },
  get dark(): boolean {
    return chosen === 'dark' || (chosen === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  },
  choose(next: Scheme): void {
    chosen = next;
    if (next === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
    apply();
  },
};
