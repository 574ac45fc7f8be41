// An answer of the server that follows its question: asked again when the address changes, the old answer stays meanwhile.
import { untrack } from 'svelte';
import { booted, get, Problem, type Answer } from './api';

export type Resource<T> = {
  /** The newest answer; stays while the next is on its way. */
  readonly data: T | undefined;
  readonly etag: string | null;
  readonly problem: Problem | null;
  readonly waiting: boolean;
  reload(): void;
};

/** Asks for `url()`, again whenever it changes; null asks nothing. Call it while a component is made. */
export function resource<T>(url: () => string | null): Resource<T> {
  const first = untrack(url);
  let got = $state.raw<Answer<T> | null>(first ? booted<T>(first) : null);
  let answered = got ? first : null;
  let problem = $state.raw<Problem | null>(null);
  let waiting = $state(got === null && first !== null);
  let again = $state(0);

  $effect(() => {
    const path = url();
    const times = again;
    if (path === null || (path === answered && times === 0)) return;
    const control = new AbortController();
    untrack(() => (waiting = true));
    get<T>(path, { signal: control.signal }).then(
      (answer) => {
        got = answer;
        problem = null;
        waiting = false;
      },
      (error) => {
        if (control.signal.aborted) return;
        problem = error as Problem;
        waiting = false;
      },
    );
    answered = null;
    return () => control.abort();
  });

  return {
    get data() {
      return got?.data;
    },
    get etag() {
      return got?.etag ?? null;
    },
    get problem() {
      return problem;
    },
    get waiting() {
      return waiting;
    },
    reload: () => void (again += 1),
  };
}
