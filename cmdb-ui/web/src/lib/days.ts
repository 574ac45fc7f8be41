// Days as the reader's calendar has them: an address holds `2026-12-19`, which is a day of the reader's, not of UTC.

/** The beginning of the day in an address, or of today where there is none. */
export function dayFrom(text: string): Date {
  const asked = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00`) : new Date(NaN);
  const start = Number.isNaN(asked.getTime()) ? new Date() : asked;
  start.setHours(0, 0, 0, 0);
  return start;
}

/** As it stands in an address. */
export function dayText(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** So many days later, at the same hour, whatever the clocks do in between. */
export function daysLater(date: Date, days: number): Date {
  const later = new Date(date);
  later.setDate(later.getDate() + days);
  return later;
}
