// How many questions are open; the bar at the top shows from the first tenth of a second on.
import { untrack } from 'svelte';

let open = $state(0);

export const waiting = {
  get now() {
    return open > 0;
  },
};

/** Notes a question; the function given back notes its end. */
export function busy(): () => void {
  // Asked from within effects, which must not run again because of it.
  untrack(() => (open += 1));
  let ended = false;
  return () => {
    if (!ended) untrack(() => (open -= 1));
    ended = true;
  };
}
