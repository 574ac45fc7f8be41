// Without a mouse: from anywhere to the impact of a named item, through lists, and into the help.
import { accessible, expect, test } from './test.ts';

test('one shortcut, a name and a key lead to the impact of an item', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Control+k');
  await accessible(page);
  await page.keyboard.type('san-fra1-02');
  await expect(page.getByRole('option', { selected: true })).toContainText('san-fra1-02');
  await page.keyboard.press('Control+Enter');
  await expect(page).toHaveURL(/impact/);
  await expect(page.locator('h1')).toHaveText('Impact of san-fra1-02');
  await expect(page.getByRole('table', { name: 'Table' }).getByRole('row', { name: /down/i }).first()).toBeVisible();
});

test('j, k, x and Enter move through a list, mark and open', async ({ page }) => {
  await page.goto('/ci?class=Hypervisor');
  await expect(page.locator('tbody tr').nth(2)).toBeVisible();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await expect(page.getByText('1 marked')).toBeVisible();
  const name = await page.locator('tbody tr').nth(1).locator('a').textContent();
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toHaveText(name!);
});

test('typing in a field is not taken for shortcuts', async ({ page }) => {
  await page.goto('/ci');
  await page.getByLabel('Filter by name').fill('esx');
  await page.getByLabel('Filter by name').press('g');
  await page.getByLabel('Filter by name').press('h');
  await expect(page).toHaveURL(/\/ci\?.*q=esxgh/);
});

test('? lists the keys', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await accessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
