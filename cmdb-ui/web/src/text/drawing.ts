// Texts of drawn subgraphs.
import { count } from '$/lib/format';
import type { Drawn } from '$/lib/drawing';

const word: Record<Drawn, string> = { down: 'down', degraded: 'degraded', at_risk: 'at risk', protected: 'protected' };

export const drawing = {
  label: 'Drawing. Arrow keys move between boxes, Enter opens a group.',
  start: 'Start',
  steps: (from: number, to: number) =>
    from === to ? count(Math.abs(from), 'step') : `${Math.min(Math.abs(from), Math.abs(to))}–${Math.max(Math.abs(from), Math.abs(to))} steps`,
  needs: 'needed by it',
  items: (n: number) => count(n, 'item'),
  all: (n: string, state: Drawn) => `all ${n} ${word[state]}`,
  some: (n: string, of: string, state: Drawn) => `${n} of ${of} ${word[state]}`,
  more: (n: string, state: Drawn) => `${n} ${word[state]}`,
  rest: (n: string) => `and ${n} more`,
  open: (name: string) => `Show the members of ${name}`,
  close: (name: string) => `Put the members of ${name} together again`,
  gate: (rule: string, left: number) => `${rule}, ${left} left`,
  gateTitle: (group: string, rule: string, left: number, lost: string) =>
    `Redundancy group ${group} needs ${rule}; ${left} left${lost ? `. Lost: ${lost}` : ''}`,
  link: (n: number, from: string, to: string) => `${count(n, 'relationship')}: ${from} → ${to}`,
} as const;
