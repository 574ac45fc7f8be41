// What the compiler does not check: no markup from strings, no inline style, no address of another site, small files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LINES_MAX = 300;
const FORBIDDEN = [
  [/\{@html/, '{@html}: everything is a text node'],
  [/\binnerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, 'markup or code from a string'],
  [/\sstyle="/, 'inline style is blocked by the content policy; use a class or style:'],
  [/https?:\/\/(?!www\.w3\.org\/)/, 'an address of another site'],
];
const wrong = [];
for (const entry of readdirSync('src', { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(svelte|ts|css)$/.test(entry.name)) continue;
  const path = join(entry.parentPath, entry.name);
  const lines = readFileSync(path, 'utf8').split('\n');
  if (lines.length > LINES_MAX) wrong.push(`${path}: ${lines.length} lines, at most ${LINES_MAX}`);
  lines.forEach((line, at) => {
    for (const [pattern, why] of FORBIDDEN) if (pattern.test(line)) wrong.push(`${path}:${at + 1}: ${why}`);
  });
}
if (wrong.length) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
