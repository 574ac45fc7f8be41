// CSV as the importer takes it: comma, semicolon or tab, quotes, line breaks within quotes. For preview and mending.
export type Csv = { delimiter: string; rows: string[][] };

const DELIMITERS = [',', ';', '\t'];

function guess(text: string): string {
  const head = text.slice(0, text.search(/[\r\n]/) >>> 0);
  const counts = DELIMITERS.map((delimiter) => head.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** All rows, the header first; empty lines are left out, as the importer does. */
export function parseCsv(whole: string): Csv {
  const text = whole.replace(/^\uFEFF/, '');
  const delimiter = guess(text);
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const endCell = () => void (row.push(cell), (cell = ''));
  const endRow = () => {
    endCell();
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[at + 1] === '"') cell += text[(at += 1)];
      else quoted = false;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === delimiter) endCell();
    else if (c === '\n') endRow();
    else if (c !== '\r' || text[at + 1] !== '\n') cell += c;
  }
  if (cell || row.length) endRow();
  return { delimiter, rows };
}

/** Back to text, quoted where needed. */
export function writeCsv({ delimiter, rows }: Csv): string {
  const quote = (cell: string) =>
    cell.includes(delimiter) || /["\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell;
  return rows.map((row) => row.map(quote).join(delimiter)).join('\n') + '\n';
}
