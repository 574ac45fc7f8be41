// Time travel: which moment the page shows. It is part of the address, and every reading question carries it.
import { url } from './api';
import { here } from './router.svelte';

/** The moment asked for: a time, a baseline or a position; empty for now. */
export const asOf = {
  get text() {
    return here.text('at');
  },
  get past() {
    return here.text('at') !== '';
  },
};

type Parameters = Record<string, string | number | boolean | null | undefined>;

/** An address of the API that answers for the moment the page shows. */
export function readUrl(path: string, parameters: Parameters = {}): string {
  return url(path, { ...parameters, at: here.text('at') });
}

/** An address of the page that keeps the moment. */
export function link(path: string, parameters: Parameters = {}): string {
  const text = url(path, { ...parameters, at: here.text('at') });
  return text.slice('/api/v1'.length);
}
