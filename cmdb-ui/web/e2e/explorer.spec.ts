// An engineer: finds an item, opens its impact, drills into a group, asks why, runs a query, takes files away.
import { readFileSync } from 'node:fs';
import { accessible, expect, idOf, test } from './test.ts';

test('from a name to the impact, into a group, why, on to a query, and out as files', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('san-fra1-02');
  await expect(page.getByRole('option', { selected: true })).toContainText('san-fra1-02');
  await page.keyboard.press('Control+Enter');
  await expect(page.locator('h1')).toHaveText('Impact of san-fra1-02');
  await expect(page.getByText(/0 left out/)).toBeVisible();
  const drawing = page.getByRole('group', { name: /Drawing/ });
  await expect(drawing.getByRole('button', { name: 'san-fra1-02' }).first()).toBeVisible();
  expect(await drawing.locator('[data-box]').count()).toBeLessThanOrEqual(60);

  const group = drawing.locator('.group').first();
  const before = await drawing.locator('[data-box]').count();
  await group.locator('.open').click();
  await expect(page).toHaveURL(/open=/);
  await expect.poll(() => drawing.locator('[data-box]').count()).toBeGreaterThan(before);
  await group.locator('.main').click();
  await expect(page.getByRole('button', { name: /^Only / })).toBeVisible();
  await accessible(page);

  await page.getByRole('button', { name: /^Only / }).click();
  const rows = page.getByRole('table', { name: 'Table' });
  await rows.locator('tbody button').first().click();
  await expect(page.getByRole('heading', { name: /^Why is / })).toBeInViewport();
  await expect(page).toHaveURL(/sel=/);

  const svg = await page.request.get((await page.getByRole('link', { name: 'SVG' }).getAttribute('href'))!);
  expect(svg.headers()['content-type']).toContain('image/svg+xml');
  const csv = await page.request.get((await page.getByRole('link', { name: 'CSV' }).getAttribute('href'))!);
  const [header, ...affected] = (await csv.text()).trim().split('\n');
  expect(header).toContain('id,class,name,state,depth');
  expect(affected.length).toBeGreaterThan(50);

  // On with a query, and its rows as a file.
  await page.locator('h1').focus();
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await page.getByRole('textbox', { name: 'Query text' }).click();
  await page.keyboard.insertText("MATCH (s:VirtualMachine)-[:runs_on]->(h:Hypervisor {name: 'esx-fra1-r01-06'}) RETURN s.name AS server, h.name AS host ORDER BY server");
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('status').filter({ hasText: /^\d+ rows?$/ })).toBeVisible();
  const result = page.getByRole('region', { name: 'Result' });
  const rows2 = await result.locator('tbody tr').count();
  expect(rows2).toBeGreaterThan(2);
  const waiting = page.waitForEvent('download');
  await result.getByRole('button', { name: 'CSV' }).click();
  const lines = readFileSync((await (await waiting).path())!, 'utf8').trim().split('\n');
  expect(lines[0]).toBe('server,host');
  expect(lines.length).toBe(rows2 + 1);
  expect(lines[1]).toContain('esx-fra1-r01-06');
});

test('the drawing is one tab stop, and arrows move between its boxes', async ({ page }) => {
  await page.goto(`/impact?root=${await idOf(page, 'san-fra1-02')}`);
  const drawing = page.getByRole('group', { name: /Drawing/ });
  await expect(drawing.locator('[data-box]').first()).toBeVisible();
  await expect(drawing.locator('[data-box][tabindex="0"]')).toHaveCount(1);
  await drawing.locator('[data-box][tabindex="0"]').focus();
  const first = await page.evaluate(() => document.activeElement?.getAttribute('data-box'));
  await page.keyboard.press('ArrowRight');
  const second = await page.evaluate(() => document.activeElement?.getAttribute('data-box'));
  expect(second).not.toBe(first);
  await page.keyboard.press('ArrowLeft');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-box'))).toBe(first);
});

test('d flips the direction, brackets change the depth, and the address holds it all', async ({ page }) => {
  await page.goto(`/impact?root=${await idOf(page, 'san-fra1-02')}`);
  await expect(page.getByText(/0 left out/)).toBeVisible();
  await page.locator('h1').focus();
  await page.keyboard.press('[');
  await expect(page).toHaveURL(/depth=\d/);
  await expect(page.getByText(/was not followed/)).toBeVisible();
  await page.keyboard.press('d');
  await expect(page).toHaveURL(/dir=in/);
  await expect(page.locator('h1')).toHaveText('What san-fra1-02 needs');
  await page.reload();
  await expect(page.locator('h1')).toHaveText('What san-fra1-02 needs');
});

test('on a narrow page the table comes first', async ({ page }) => {
  await page.setViewportSize({ width: 768, height: 900 });
  await page.goto(`/impact?root=${await idOf(page, 'san-fra1-02')}`);
  await expect(page.getByRole('table', { name: 'Table' })).toBeVisible();
  await expect(page.getByRole('group', { name: /Drawing/ })).toHaveCount(0);
});

test('a second scenario is laid beside the first', async ({ page }) => {
  const [one, other] = [await idOf(page, 'san-fra1-01'), await idOf(page, 'san-fra1-02')];
  await page.goto(`/impact?root=${one}&versus=${other}`);
  const compared = page.getByRole('region', { name: 'Second scenario' });
  await expect(compared.getByText(/would be in another state/)).toBeVisible();
  await accessible(page);
});

test('a query is completed from the schema, runs, and leads to items', async ({ page }) => {
  await page.goto('/query');
  const editor = page.getByRole('textbox', { name: 'Query text' });
  await editor.click();
  await page.keyboard.type('MATCH (s:BusinessServ');
  await expect(page.getByRole('option', { name: /BusinessService/ })).toBeVisible();
  // The editor takes no key for a choice that comes before a person could have read the list.
  await page.waitForTimeout(200);
  await page.keyboard.press('Enter');
  await expect(editor).toContainText('MATCH (s:BusinessService)');
  // The bracket closed by itself; typing it again steps over it.
  await page.keyboard.type(') RETURN s ORDER BY s.criticality LIMIT 3', { delay: 2 });
  await page.keyboard.press('Control+Enter');
  await expect(page.getByText('3 rows')).toBeVisible();
  await accessible(page);
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await expect(page.getByRole('columnheader', { name: 'Expected rows' })).toBeVisible();
  await page.goto('/query?q=MATCH%20(n)%20RETURN%20n.name%20AS');
  await expect(page.getByRole('alert')).toBeVisible();
});

test('a query that writes is refused while reading only', async ({ page }) => {
  await page.goto(`/query?q=${encodeURIComponent("CREATE (:Server {name: 'not wanted'})")}`);
  await expect(page.getByRole('alert')).toContainText(/only reading/);
});

test('services lead to what they stand on', async ({ page }) => {
  await page.goto('/services');
  await page.locator('tbody tr a').first().click();
  await expect(page).toHaveURL(/\/services\//);
  await expect(page.getByText(/It stands on/)).toBeVisible();
  await expect(page.getByRole('group', { name: /Drawing/ }).locator('[data-box]').first()).toBeVisible();
  await accessible(page);
});

test('a result is drawn as a graph, with the relationships that there are', async ({ page }) => {
  await page.goto(`/query?q=${encodeURIComponent("MATCH (v:VirtualMachine)-[:runs_on]->(h:Hypervisor {name: 'esx-fra1-r01-06'}) RETURN v, h")}`);
  await page.getByRole('button', { name: 'Graph' }).click();
  const drawing = page.getByRole('group', { name: /Drawing/ });
  await expect(drawing.locator('[data-box]')).toHaveCount(5);
  await expect(drawing.locator('path.link')).toHaveCount(4);
  await accessible(page);
  const host = drawing.getByRole('button', { name: 'esx-fra1-r01-06' });
  await host.click();
  await expect(drawing.locator('path.link.strong')).toHaveCount(4);
  await host.click();
  await expect(page.locator('h1')).toHaveText('esx-fra1-r01-06');
});

test('what is simulated becomes a change, or a part of one', async ({ page }) => {
  await page.goto(`/impact?root=${await idOf(page, 'san-ham1-05')}=maintenance`);
  await page.getByRole('button', { name: 'Plan a change' }).click();
  await page.getByLabel('What is to be done').fill('New controller for the array');
  await page.getByLabel('Begins').fill('2027-03-01T20:00');
  await page.getByLabel('Ends').fill('2027-03-01T22:00');
  await accessible(page);
  await page.getByRole('button', { name: 'Record the draft' }).click();
  await expect(page.locator('h1')).toHaveText('New controller for the array');
  await expect(page.getByRole('region', { name: 'Plan' })).toContainText('san-ham1-05');
  await page.getByRole('button', { name: 'Assess', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Risk' })).toContainText(/likely to fail/);

  await page.goto(`/impact?root=${await idOf(page, 'esx-ham1-r01-06')}`);
  await page.getByRole('button', { name: 'Plan a change' }).click();
  await page.getByLabel('Which change').selectOption({ label: await page.locator('option', { hasText: 'New controller' }).innerText() });
  await page.getByRole('button', { name: 'Add them to it' }).click();
  const plan = page.getByRole('region', { name: 'Plan' });
  await expect(plan).toContainText('san-ham1-05');
  await expect(plan).toContainText('esx-ham1-r01-06');
});
