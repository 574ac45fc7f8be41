// Values of a result: which are items, and how each reads in a cell.
import { shown } from '$/lib/format';
import type { Value } from '$/lib/types';

type Node = { id: string; class: string | null; name: string | null; labels: string[]; properties: Record<string, Value> };

export function asNode(value: Value): Node | null {
  const node = value as Node | null;
  return node && typeof node === 'object' && !Array.isArray(node) && 'labels' in node && 'id' in node ? node : null;
}

export function asText(value: Value): string {
  const node = asNode(value);
  if (node) return node.name ?? node.id;
  const other = value as { type?: string; source?: Value; nodes?: Value[] } | null;
  if (other && typeof other === 'object' && !Array.isArray(other)) {
    if (Array.isArray(other.nodes)) return other.nodes.map(asText).join(' → ');
    if (other.type && other.source !== undefined) return String(other.type);
  }
  return Array.isArray(value) ? value.map(asText).join(', ') : shown(value);
}

/** A CSV field; what a spreadsheet would run as a formula is disarmed. */
function field(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?[\d.,]+$/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csv(columns: string[], rows: Value[][]): string {
  const text = (value: Value) => (typeof value === 'number' ? String(value) : asText(value));
  const lines = [columns.map(field), ...rows.map((row) => row.map((value) => field(text(value))))];
  return lines.map((line) => line.join(',')).join('\n') + '\n';
}
