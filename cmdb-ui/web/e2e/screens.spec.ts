// Every screen from its address: it shows itself, draws no more than it may, and axe finds nothing serious.
import { accessible, expect, idOf, test } from './test.ts';

const SCREENS = [
  '/',
  '/ci',
  '/ci?class=Server&sort=-name',
  '/ci/{item}',
  '/ci/{item}/relations',
  '/ci/{item}/impact',
  '/ci/{item}/changes',
  '/ci/{item}/sources',
  '/ci/{item}/history',
  '/impact',
  '/impact?root={item}',
  '/impact?root={item}&dir=in&columns=tiers',
  '/services',
  '/query',
  '/changes',
  '/changes?status=open&sort=-risk',
  '/changes/calendar',
  '/changes/calendar?days=90',
  '/changes/CHG-000002',
  '/changes/CHG-000018',
  '/cab',
  '/cab?all=1&days=30',
  '/import',
  '/import/file',
  '/quality',
  '/quality/owner',
  '/quality/freshness',
  '/quality/observed',
  '/quality/sources',
  '/audit',
  '/audit/2',
  '/audit/refused',
  '/audit/integrity',
  '/admin',
  '/admin/types',
  '/admin/rules',
  '/admin/users',
  '/admin/tokens',
  '/admin/health',
  '/nothing/here',
];

for (const path of SCREENS) {
  test(`the screen at ${path}`, async ({ page }) => {
    await page.goto(path.replace('{item}', await idOf(page, 'san-fra1-02')));
    await expect(page.locator('h1')).not.toBeEmpty();
    await page.waitForLoadState('networkidle');
    expect(await page.locator('tbody tr').count()).toBeLessThanOrEqual(100);
    await expect(page.getByRole('alert')).toHaveCount(0);
    await accessible(page);
  });
}

test('every rule of data quality is a query that runs', async ({ page }) => {
  await page.goto('/quality');
  const rules = page.locator('main li a');
  const names = await rules.allTextContents();
  expect(names.length).toBeGreaterThan(10);
  await expect(page.locator('main li .found')).toHaveCount(names.length);
  for (const href of await rules.evaluateAll((links) => links.map((link) => link.getAttribute('href')!))) {
    await page.goto(href);
    await expect(page.locator('main table, main .empty')).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
});

test('a reload restores the view, and the back button undoes a step', async ({ page }) => {
  await page.goto('/ci?class=Hypervisor');
  await page.getByRole('button', { name: 'Name' }).click();
  await expect(page).toHaveURL(/sort=-name/);
  const first = await page.locator('tbody tr a').first().textContent();
  await page.reload();
  await expect(page.locator('tbody tr a').first()).toHaveText(first!);
  await page.goBack();
  await expect(page.locator('tbody tr a').first()).not.toHaveText(first!);
});
