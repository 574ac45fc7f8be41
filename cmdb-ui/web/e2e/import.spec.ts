// An asset manager's file with twelve planted errors: all are shown at once, mended in place, applied, undone.
import { readFileSync } from 'node:fs';
import { accessible, expect, test } from './test.ts';
import { workbook } from './workbook.ts';

// Each planted row with the column that is wrong and what would be right.
const PLANTED: [row: string, column: string, right: string][] = [
  ['Server,bad-01,nowhere,1,', 'environment', 'test'],
  ['Server,bad-02,produktion,2,', 'environment', 'production'],
  ['Server,bad-03,production,9,', 'criticality', '3'],
  ['Server,bad-04,production,high,', 'criticality', '1'],
  ['Server,bad-05,production,-1,', 'criticality', '2'],
  ['Server,bad-06,production,1.5,', 'criticality', '1'],
  ['Sever,bad-07,production,1,', 'class', 'Server'],
  ['Toaster,bad-08,production,1,', 'class', 'Server'],
  ['Infrastructure,bad-09,production,1,', 'class', 'Server'],
  ['Server,bad-10,production,1,31.02.2026', 'installed_on', '2026-02-28'],
  ['Server,bad-11,production,1,soon', 'installed_on', '2026-03-01'],
  ['Server,bad-12,Production!,1,', 'environment', 'production'],
];

test('twelve planted errors are mended in place, applied and undone', async ({ page }) => {
  const good = Array.from({ length: 40 }, (_, at) => `Server,imported-${at},production,2,`);
  const csv = ['class,name,Environment,criticality,Installed On', ...good, ...PLANTED.map(([row]) => row)].join('\n');
  await page.goto('/import');
  await page.getByRole('link', { name: 'Import a file' }).click();
  await page.locator('input[type=file]').setInputFiles({ name: 'servers.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
  await expect(page.getByLabel('Becomes: Installed On')).toHaveValue('installed_on');
  await accessible(page);
  await page.getByRole('button', { name: 'Check, change nothing' }).click();

  const mend = page.getByRole('region', { name: 'Rejected rows' });
  await expect(mend.locator('tbody tr')).toHaveCount(PLANTED.length);
  await accessible(page);
  for (const [at, [, column, right]] of PLANTED.entries()) {
    const row = 2 + good.length + at;
    const field = mend.locator(`input[aria-label="${column}, Row ${row}"]`);
    await field.fill(right);
    await field.press('Tab');
  }
  await mend.getByRole('button', { name: 'Check again' }).click();
  await expect(page.getByText('Every row can be taken.')).toBeVisible();
  await expect(page.getByRole('status', { name: 'Check' })).toContainText('52will be created');
  await accessible(page);
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('heading', { name: 'The import is done' })).toBeVisible();

  await page.goto('/ci?q=imported-');
  await expect(page.getByText('40 items')).toBeVisible();

  await page.goto('/import');
  const run = page.getByRole('row', { name: /servers/ }).first();
  await run.getByRole('button', { name: 'Undo' }).click();
  const undo = page.getByRole('dialog');
  await expect(undo).toContainText('52 items are removed');
  await accessible(page);
  await undo.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('undone', { exact: true })).toBeVisible();
  await page.goto('/ci?q=imported-');
  await expect(page.getByText('No item matches')).toBeVisible();
});

test('a file that is no CSV is mended where it is, and chosen again', async ({ page }) => {
  const file = (text: string) => ({ name: 'hosts.ndjson', mimeType: 'application/x-ndjson', buffer: Buffer.from(text) });
  const row = (name: string, criticality: number) => JSON.stringify({ class: 'Server', name, criticality });
  await page.goto('/import/file');
  await page.locator('input[type=file]').setInputFiles(file([row('again-01', 1), row('again-02', 77)].join('\n')));
  await page.getByRole('button', { name: 'Check, change nothing' }).click();
  const mend = page.getByRole('region', { name: 'Rejected rows' });
  await expect(mend.locator('tbody tr')).toHaveCount(1);
  const waiting = page.waitForEvent('download');
  await mend.getByRole('button', { name: 'Download the rejected rows' }).click();
  const given = readFileSync((await (await waiting).path())!, 'utf8');
  expect(given).toContain('again-02');
  expect(given).not.toContain('again-01');
  await mend.locator('input[type=file]').setInputFiles(file([row('again-01', 1), row('again-02', 2)].join('\n')));
  await expect(page.getByText('Every row can be taken.')).toBeVisible();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('heading', { name: 'The import is done' })).toBeVisible();
});

test('a workbook is checked, its rejected rows come back as a workbook, and the mended one is applied and undone', async ({ page }) => {
  const servers = (rows: string[][]) => ({ name: 'Server', rows: [['name', 'environment', 'criticality'], ...rows] });
  const hosts = (rows: string[][]) => ({ name: 'Hypervisor', rows: [['name', 'memory'], ...rows] });
  const good = Array.from({ length: 30 }, (_, at) => [`sheet-${at}`, 'production', '2']);
  const file = (content: Buffer) => ({
    name: 'hardware.xlsx',
    mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    buffer: content,
  });
  await page.goto('/import/file');
  const wrong = workbook([servers([...good, ['sheet-bad-1', 'nowhere', '2'], ['sheet-bad-2', 'test', '9']]), hosts([['sheet-host', '64 GiB'], ['sheet-host-bad', 'much']])]);
  await page.locator('input[type=file]').setInputFiles(file(wrong));
  await page.getByRole('button', { name: 'Check, change nothing' }).click();

  const mend = page.getByRole('region', { name: 'Rejected rows' });
  await expect(mend.locator('tbody tr')).toHaveCount(3);
  await expect(page.getByRole('status', { name: 'Check' })).toContainText('31will be created');
  await accessible(page);
  const waiting = page.waitForEvent('download');
  await mend.getByRole('button', { name: 'Download the rejected rows' }).click();
  const given = await waiting;
  expect(given.suggestedFilename()).toBe('rejected-hardware.xlsx');
  expect(readFileSync((await given.path())!).subarray(0, 2).toString()).toBe('PK');

  const right = workbook([servers([...good, ['sheet-bad-1', 'test', '2'], ['sheet-bad-2', 'test', '3']]), hosts([['sheet-host', '64 GiB'], ['sheet-host-bad', '32 GiB']])]);
  await mend.locator('input[type=file]').setInputFiles(file(right));
  await expect(page.getByText('Every row can be taken.')).toBeVisible();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('heading', { name: 'The import is done' })).toBeVisible();
  await page.goto('/ci?q=sheet-');
  await expect(page.getByText('34 items')).toBeVisible();

  await page.goto('/import');
  await page.getByRole('row', { name: /hardware/ }).first().getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('undone', { exact: true }).first()).toBeVisible();
  await page.goto('/ci?q=sheet-');
  await expect(page.getByText('No item matches')).toBeVisible();
});
