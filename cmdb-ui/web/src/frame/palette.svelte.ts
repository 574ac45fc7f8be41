// Whether the palette is open, and the commands it offers: one line each.
import { asOf } from '$/lib/at.svelte';
import type { IconName } from '$/lib/icons';
import { go, setQuery } from '$/lib/router.svelte';
import { scheme } from '$/lib/scheme.svelte';
import { session } from '$/lib/session.svelte';
import { home, screens } from '$/screens';
import { frame, palette as t } from '$/text/frame';

let open = $state(false);

export const palette = {
  get open() {
    return open;
  },
};

export function openPalette(): void {
  open = true;
}

export function closePalette(): void {
  open = false;
}

export type Entry = { id: string; label: string; icon: IconName; run: () => void };

/** All commands that the caller may use now. */
export function commands(): Entry[] {
  const jumps = screens
    .filter((screen) => screen.rail && (!screen.right || session.may(screen.right)))
    .map((screen) => ({
      id: `go ${home(screen)}`,
      label: t.goTo(screen.title),
      icon: screen.rail!.icon,
      run: () => go(home(screen)),
    }));
  const others: Entry[] = [
    {
      id: 'scheme',
      label: scheme.dark ? frame.light : frame.dark,
      icon: scheme.dark ? 'light' : 'dark',
      run: () => scheme.choose(scheme.dark ? 'light' : 'dark'),
    },
  ];
  if (asOf.past) others.push({ id: 'now', label: frame.asOfBack, icon: 'clock', run: () => setQuery({ at: null }) });
  return [...jumps, ...others];
}
