// Which columns the list shows: the reader's choice in the address, else what fits the class.
import type { Class } from '$/lib/types';
import type { Column } from '$/components/Table.svelte';
import { spaced } from '$/lib/classes.svelte';
import { inventory as t } from '$/text/inventory';

/** Fields that every item has, beside its attributes. */
const FIELDS: Record<string, string> = { name: t.name, class: t.class, status: t.status, updated_at: t.updated };
/** Shown where the reader chose nothing; all are asked for, so that the list does not wait for the model. */
export const USUAL = ['name', 'class', 'status', 'criticality', 'environment', 'owner', 'updated_at'];
const NUMBERS = new Set(['integer', 'decimal', 'quantity']);

/** Every column there could be. */
export function possible(known: Class | undefined): string[] {
  return [...Object.keys(FIELDS), ...(known?.attributes.map((attribute) => attribute.name) ?? [])];
}

/** The columns shown, in order. */
export function shownColumns(known: Class | undefined, chosen: string): string[] {
  if (chosen) return chosen.split(',').filter(Boolean);
  const attributes = new Set(known?.attributes.map((attribute) => attribute.name));
  return USUAL.filter((name) => name in FIELDS || !known || attributes.has(name));
}

export function column(name: string, known: Class | undefined): Column {
  const attribute = known?.attributes.find((each) => each.name === name);
  return {
    key: name,
    label: FIELDS[name] ?? spaced(name).replace(/^./, (first) => first.toUpperCase()),
    sort: true,
    wide: name === 'name',
    number: attribute !== undefined && NUMBERS.has(attribute.type) && name !== 'criticality',
  };
}
