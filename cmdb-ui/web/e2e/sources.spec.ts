// Who says what: rules that make relationships, sources of an item, freshness, trust, and what traffic shows.
import { serve, type Served } from './server.ts';
import { accessible, expect, idOf, test as base } from './test.ts';

// Of its own: rules and trust would show in every other test.
const test = base.extend<object, { demo: Served }>({
  demo: [
    // eslint-disable-next-line no-empty-pattern -- the runner wants the pattern
    async ({}, use) => {
      const own = await serve(true);
      await use(own);
      await own.stop();
    },
    { scope: 'worker', timeout: 90_000 },
  ],
});

type Page = Parameters<typeof idOf>[0];

async function imported(page: Page, name: string, csv: string): Promise<void> {
  const multipart = { file: { name: `${name}.csv`, mimeType: 'text/csv', buffer: Buffer.from(csv) } };
  const answer = await page.request.post(`/api/v1/imports?source=${name}`, { multipart });
  expect(answer.ok(), await answer.text()).toBe(true);
}

test('a rule is tried, put in force, seen on the item it relates, and taken back', async ({ page }) => {
  await imported(page, 'machines', 'class,name,fqdn\nVirtualMachine,ruled-01,esx-fra1-r01-01\nVirtualMachine,ruled-02,esx-nowhere\n');
  await page.goto('/admin/rules');
  await expect(page.getByText('There are no rules yet')).toBeVisible();
  await page.getByRole('button', { name: 'Add a rule' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /^Name/ }).fill('machine-host');
  await dialog.getByLabel('Items of class', { exact: true }).selectOption('VirtualMachine');
  await dialog.getByLabel('whose value of').selectOption('fqdn');
  await dialog.getByLabel('are related as').selectOption('runs_on');
  await dialog.getByLabel('to items of class').selectOption('Hypervisor');
  await expect(dialog.getByRole('button', { name: 'Put in force' })).toBeDisabled();
  await dialog.getByRole('button', { name: 'Try, change nothing' }).click();
  await expect(dialog.getByText('It would make 1 relationships')).toBeVisible();
  await dialog.getByText('1 item whose value nobody has').click();
  await expect(dialog.getByRole('link', { name: 'ruled-02' })).toBeVisible();
  await accessible(page);
  await dialog.getByRole('button', { name: 'Put in force' }).click();
  await expect(page.getByRole('row', { name: /machine-host/ })).toContainText('in force');
  await accessible(page);

  await page.goto(`/ci/${await idOf(page, 'ruled-01')}/relations`);
  const made = page.getByRole('link', { name: 'made by rule machine-host' });
  await expect(made).toBeVisible();
  // It is not ended by hand: there is nothing to click for it.
  await expect(page.getByRole('button', { name: /End the relationship/ })).toHaveCount(0);
  await accessible(page);
  await made.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take the rule back' }).click();
  await expect(page.getByText('There are no rules yet')).toBeVisible();
  await page.goto(`/ci/${await idOf(page, 'ruled-01')}/relations`);
  await expect(page.getByText('It has no relationships')).toBeVisible();
});

test('an item says who states what of it, and how far they are believed', async ({ page }) => {
  await imported(page, 'scan', 'class,name,serial_number\nHypervisor,esx-fra1-r01-02,SEEN-1\n');
  await page.goto(`/ci/${await idOf(page, 'esx-fra1-r01-02')}`);
  await page.getByRole('navigation', { name: 'Views of this item' }).getByRole('link', { name: 'Sources' }).click();
  await expect(page.getByRole('region', { name: 'Sources' })).toContainText('scan');
  const values = page.getByRole('region', { name: 'Where each value comes from' });
  await expect(values.getByRole('row', { name: /Serial number/i })).toContainText('%');
  await expect(page.getByRole('region', { name: 'Who knows its relationships' })).toContainText('demo');
  await accessible(page);
});

test('what is stale is listed, by a rule that an administrator sets and takes back', async ({ page }) => {
  await page.goto('/quality');
  await page.getByRole('link', { name: 'Freshness' }).click();
  await expect(page.getByText('Everything was seen in time')).toBeVisible();
  await page.getByLabel('Other age, days').fill('0');
  await expect(page.getByRole('table', { name: 'Not seen for longest' }).locator('tbody tr')).toHaveCount(50);
  await accessible(page);
  await page.getByRole('button', { name: 'Set a rule' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Class').selectOption('Server');
  await dialog.getByLabel('Days; empty for never').fill('30');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Save' }).click();
  const rules = page.getByRole('region', { name: 'Rules' });
  await expect(rules).toContainText('30 days');
  await rules.getByRole('button', { name: 'Take back the rule of Server' }).click();
  await expect(rules).not.toContainText('30 days');
});

test('what traffic shows and the inventory does not is listed once a source observes', async ({ page }) => {
  await page.goto('/quality/observed');
  await expect(page.getByText('No source observes yet')).toBeVisible();
  await accessible(page);
  await imported(page, 'traces', 'source,type,target\nApplication:API Gateway,calls,Application:Basket\n');
  await page.getByRole('link', { name: 'Sources and trust' }).click();
  await page.getByRole('button', { name: 'Change what is believed of traces' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Trust, 0 to 1').fill('0.7');
  await dialog.getByLabel('Kind').selectOption('observed');
  await accessible(page);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('row', { name: /traces/ })).toContainText('70%');
  await accessible(page);
  await page.getByRole('link', { name: 'Seen in traffic' }).click();
  await expect(page.getByRole('row', { name: /API Gateway/ })).toContainText('Basket');
  await accessible(page);
  await page.getByRole('link', { name: 'In the CMDB, never seen' }).click();
  await expect(page.getByText('The two agree here')).toBeVisible();
});
