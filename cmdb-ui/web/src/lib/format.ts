// Numbers, times and values as people read them; the browser knows the language and the zone.
import type { Value } from './types';

const numbers = new Intl.NumberFormat(undefined, { maximumFractionDigits: 12 });
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const days = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'long' });
const plurals = new Intl.PluralRules('en');

const shares = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 0 });
const soon = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' });

export const number = (value: number): string => numbers.format(value);
export const day = (time: string): string => days.format(new Date(time));
/** 0 to 1 as percent. */
export const percent = (share: number): string => shares.format(share);
/** A moment of this year or the next, where there is little room. */
export const brief = (time: string): string => soon.format(new Date(time));
export const moment = (time: string): string => dates.format(new Date(time));
/** The same in another zone; empty where the browser does not know it. */
export function momentIn(time: string, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(time));
  } catch {
    return '';
  }
}
/** For a tooltip: the same moment as everybody's clock shows it. */
export const utc = (time: string): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "3 days ago"; below a minute "just now". */
export function ago(time: string, now = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return 'just now';
}

/** `count(1, 'item')` is "1 item", `count(1200, 'item')` "1,200 items". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${plurals.select(n) === 'one' ? one : many}`;
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const DAY = /^\d{4}-\d\d-\d\d$/;

/** A value of an attribute as text. */
export function shown(value: Value | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return numbers.format(value);
  if (typeof value === 'string') return MOMENT.test(value) ? moment(value) : DAY.test(value) ? day(value) : value;
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return JSON.stringify(value);
}

/** 1,234,567 us as "1.23 s". */
export function duration(us: number): string {
  if (us < 1000) return `${us} µs`;
  if (us < 1_000_000) return `${(us / 1000).toFixed(us < 10_000 ? 1 : 0)} ms`;
  return `${(us / 1_000_000).toFixed(1)} s`;
}
