// The import being prepared: files, what their columns mean, and how they are sent. Kept while the page is open.
import { sendRaw, url } from '$/lib/api';
import { parseCsv, writeCsv, type Csv } from '$/lib/csv';
import type { Class } from '$/lib/types';

/** Files up to this size are read in the browser, for preview and mending; bigger ones go as they are. */
const READ_BYTES_MAX = 8 << 20;
export const LEFT_OUT = '-';

export type Step = 'file' | 'map' | 'check' | 'done';

export class Draft {
  files = $state.raw<File[]>([]);
  /** The one CSV, where there is one. */
  csv = $state.raw<Csv | null>(null);
  /** Column in the file → our name; `-` leaves it out. */
  targets = $state<Record<string, string>>({});
  class = $state('');
  source = $state('');
  define = $state(false);
  clear = $state(false);

  get columns(): string[] {
    return this.csv?.rows[0] ?? [];
  }
  get holdsRelationships(): boolean {
    return ['source', 'type', 'target'].every((name) => this.columns.includes(name));
  }
  get needsClass(): boolean {
    return this.csv !== null && !this.holdsRelationships && !Object.values(this.targets).includes('class');
  }

  async take(files: File[], classes: Class[]): Promise<void> {
    this.files = files;
    this.csv = null;
    this.targets = {};
    const [only] = files;
    this.source = (only?.name ?? '').replace(/\.\w+$/, '').replace(/[^\w.-]+/g, '-').toLowerCase();
    if (files.length === 1 && only && only.size <= READ_BYTES_MAX && /\.(csv|tsv|txt)$/i.test(only.name)) {
      const csv = parseCsv(await only.text());
      if (csv.rows.length > 1) this.csv = csv;
    }
    this.guess(classes);
  }

  /** Columns whose names differ from ours only in case, blanks and punctuation are taken for ours. */
  private guess(classes: Class[]): void {
    const ours = new Set(['id', 'class', 'name', 'status', ...classes.flatMap((each) => each.attributes.map((a) => a.name))]);
    const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
    const byPlain = new Map([...ours].map((name) => [plain(name), name]));
    const alias: Record<string, string> = { hostname: 'name', ci: 'name', type: 'class', ciclass: 'class', ip: 'ip_address', serial: 'serial_number', os: 'operating_system', env: 'environment', state: 'status' };
    for (const column of this.columns) {
      const known = byPlain.get(plain(column)) ?? (this.holdsRelationships ? undefined : alias[plain(column)]);
      this.targets[column] = known ?? column;
    }
  }

  /** Puts another value into a cell; `row` counts as the report does, the header being row 1. */
  mend(row: number, column: string, value: string): void {
    const at = this.columns.findIndex((name) => name === column || this.targets[name] === column);
    const csv = this.csv;
    if (!csv || at < 0 || !csv.rows[row - 1]) return;
    const rows = csv.rows.map((cells, index) => (index === row - 1 ? cells.with(at, value) : cells));
    this.csv = { ...csv, rows };
  }

  cell(row: number, column: string | null): string | null {
    const at = this.columns.findIndex((name) => name === column || this.targets[name] === column);
    return at < 0 ? null : (this.csv?.rows[row - 1]?.[at] ?? null);
  }

  private mapping(): string {
    const changed = Object.entries(this.targets).filter(([column, target]) => column !== target);
    if (!changed.length) return '';
    const left = changed.filter(([, target]) => target === LEFT_OUT).map(([column]) => JSON.stringify(column));
    const renamed = changed.filter(([, target]) => target !== LEFT_OUT);
    const lines = renamed.map(([column, target]) => `${JSON.stringify(column)} = ${JSON.stringify(target)}`);
    return `drop = [${left.join(', ')}]\n[columns]\n${lines.join('\n')}\n`;
  }

  send<T>(dryRun: boolean): Promise<{ data: T; status: number }> {
    const form = new FormData();
    const csv = this.csv;
    if (csv && this.files[0]) form.append('file', new Blob([writeCsv(csv)]), this.files[0].name);
    else for (const file of this.files) form.append('file', file, file.name);
    const path = url('/imports', {
      dry_run: dryRun,
      source: this.source,
      map: this.mapping(),
      set: this.needsClass && this.class ? `class=${this.class}` : '',
      define_missing: this.define,
      unknown: 'reject',
      empty: this.clear ? 'clear' : '',
      atomic: dryRun ? '' : 'false',
      // What is not mended here is given back in its own format.
      rejects: dryRun && !csv,
    });
    return sendRaw<T>(path, form, { headers: { prefer: 'respond-async' } });
  }
}

export const draft = new Draft();
