// Relationships grouped the way a reader asks: what it depends on, what depends on it, the rest.
import { inverse, model, spaced } from '$/lib/classes.svelte';
import type { ItemRef, Relationship } from '$/lib/types';

export type Line = { relationship: Relationship; other: ItemRef };
export type Group = { side: 'needs' | 'needed' | 'other'; title: string; lines: Line[] };

/** Groups by side and type, sides in the order of the type's meaning, lines by name. */
export function grouped(relationships: Relationship[], id: string): Group[] {
  const groups = new Map<string, Group>();
  for (const relationship of relationships) {
    const outgoing = relationship.source.id === id;
    const other = outgoing ? relationship.target : relationship.source;
    const suffers = model.types.get(relationship.type)?.suffers ?? 'none';
    const side = suffers === 'none' ? 'other' : (suffers === 'source') === outgoing ? 'needs' : 'needed';
    const title = outgoing ? spaced(relationship.type) : inverse(relationship.type);
    const key = `${side} ${outgoing} ${relationship.type}`;
    const group = groups.get(key) ?? { side, title, lines: [] };
    group.lines.push({ relationship, other });
    groups.set(key, group);
  }
  for (const group of groups.values()) group.lines.sort((a, b) => a.other.name.localeCompare(b.other.name));
  return [...groups.values()].sort((a, b) => b.lines.length - a.lines.length);
}
