// Logic that needs no browser: CSV as it is read and written back, and the contrast of the colours.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { parseCsv, writeCsv } from '../src/lib/csv.ts';

test('CSV is read with its delimiter, quotes and line breaks', () => {
  expect(parseCsv('\uFEFFname;note\r\na;"x; ""y""\nz"\r\n\r\nb;\n')).toEqual({
    delimiter: ';',
    rows: [['name', 'note'], ['a', 'x; "y"\nz'], ['b', '']],
  });
  expect(parseCsv('only\nheader').delimiter).toBe(',');
});

test('CSV that is written reads as it was', () => {
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  const pieces = ['a', 'ö', '"', ',', ';', '\n', ' ', '\t', '', '0', "'"];
  for (let round = 0; round < 2000; round += 1) {
    const width = 2 + random(3);
    const cell = () => Array.from({ length: random(5) }, () => pieces[random(pieces.length)]).join('');
    const body = Array.from({ length: 1 + random(4) }, () => Array.from({ length: width }, cell));
    const rows = [Array.from({ length: width }, (_, at) => `c${at}`), ...body];
    for (const delimiter of [',', ';', '\t']) {
      const [written, meant] = [parseCsv(writeCsv({ delimiter, rows })), { delimiter, rows }];
      if (JSON.stringify(written) !== JSON.stringify(meant)) expect(written).toEqual(meant);
    }
  }
});

/** Colour of a token in the light and in the dark scheme. */
function tokens(): Map<string, [string, string]> {
  const css = readFileSync(new URL('../src/styles/tokens.css', import.meta.url), 'utf8');
  const found = css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g);
  return new Map(Array.from(found, ([, name, light, dark]) => [name!, [light!, dark!]]));
}

function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const linear = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
}

function contrast(a: string, b: string): number {
  const [bright, dim] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (bright + 0.05) / (dim + 0.05);
}

test('texts have a contrast of 4.5, marks and lines that say something 3', () => {
  const all = tokens();
  const pairs: [string[], string[], number][] = [
    [['ink', 'ink-soft'], ['bg', 'surface', 'raised', 'sunken', 'hover', 'accent-soft'], 4.5],
    [['accent'], ['bg', 'surface', 'raised', 'hover', 'accent-soft'], 4.5],
    [['accent-ink'], ['accent'], 4.5],
    [['ink'], ['notice', 'danger-soft', 'added'], 4.5],
    [['danger'], ['surface', 'raised', 'danger-soft'], 4.5],
    [['state-down', 'state-degraded', 'state-at-risk', 'state-protected', 'state-up', 'line-strong'], ['surface'], 3],
  ];
  const wrong: string[] = [];
  for (const [fronts, backs, least] of pairs) {
    for (const front of fronts) {
      for (const back of backs) {
        for (const scheme of [0, 1] as const) {
          const reached = contrast(all.get(front)![scheme], all.get(back)![scheme]);
          if (reached < least) wrong.push(`${front} on ${back}, ${scheme ? 'dark' : 'light'}: ${reached.toFixed(2)}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});
