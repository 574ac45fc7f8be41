// Attribute values between the API and a form's text.
import type { Attribute, Value } from './types';

/** What a form shows for a value. */
export function asText(value: Value | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What the API is sent for a form's text; empty clears. Text that does not fit goes as it is, and the server says why not. */
export function asValue(text: string, attribute: Attribute | undefined, before?: Value): Value {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (attribute?.type === 'boolean') return trimmed === 'true';
  if (attribute?.type === 'integer' || attribute?.type === 'decimal') {
    const number = Number(trimmed);
    return Number.isFinite(number) ? number : trimmed;
  }
  if (typeof before === 'object' && before !== null) {
    try {
      return JSON.parse(trimmed) as Value;
    } catch {
      return trimmed;
    }
  }
  return trimmed;
}

/** The attributes that differ between a form and an item, ready to be sent. */
export function edited(
  form: Record<string, string>,
  before: Record<string, Value>,
  attributes: Map<string, Attribute>,
): Record<string, Value> {
  const changes: Record<string, Value> = {};
  for (const [name, text] of Object.entries(form)) {
    if (text === asText(before[name])) continue;
    changes[name] = asValue(text, attributes.get(name), before[name]);
  }
  return changes;
}
