// What a newcomer asks first, from the start page (docs/trials.md): each answer in a few steps, without knowing a name.
import { accessible, expect, test } from './test.ts';

test('the effect of losing a hypervisor, without knowing the name of one', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: /What happens if we touch/ }).click();
  await page.keyboard.type('hypervisors');
  await expect(page.getByRole('option', { name: /^Hypervisor\b/ }).first()).toHaveAttribute('aria-selected', 'true');
  await accessible(page);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/class=Hypervisor/);
  await page.locator('tbody a').first().click();
  await page.getByRole('link', { name: 'Open in the explorer' }).click();
  await expect(page.locator('[data-box]').first()).toBeVisible();
});

test('whoever opens the explorer without a question sees where to begin', async ({ page }) => {
  await page.goto('/impact');
  await page.getByRole('region', { name: 'Most hangs on these' }).getByRole('link').first().click();
  await expect(page.locator('[data-box]').first()).toBeVisible();
  // Heads of columns stay where they are while a tall drawing is scrolled.
  const head = page.locator('.heads');
  const before = await head.boundingBox();
  await page.locator('.area').evaluate((area) => area.scrollTo(0, 200));
  expect((await head.boundingBox())!.y).toBeCloseTo(before!.y, 0);
});

test('an item says who edited it last', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('san-fra1-02');
  await expect(page.getByRole('option', { name: /^san-fra1-02/ })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: /^Updated .* by/ }).click();
  await expect(page).toHaveURL(/history/);
});

test('the start says what waits for the board, and what is dangerous', async ({ page }) => {
  await page.goto('/');
  const tile = page.getByRole('region', { name: 'Changes ahead' });
  await expect(tile).toContainText('Dangerous together');
  await expect(tile).toContainText('very high risk');
  await tile.getByRole('link', { name: /wait for a decision/ }).click();
  await expect(page.getByRole('navigation', { name: 'Agenda' }).getByRole('button', { name: /Very high/ }).first()).toBeVisible();
});

test('on a narrow page no table scrolls sideways', async ({ page }) => {
  await page.setViewportSize({ width: 768, height: 900 });
  for (const path of ['/changes', '/services', '/impact?root=san-fra1-02', '/import', '/admin', '/admin/types', '/quality/freshness?older=0']) {
    await page.goto(path);
    await expect(page.locator('tbody tr').first()).toBeVisible();
    const wide = await page.locator('main .scroll').evaluateAll((areas) => areas.filter((area) => area.scrollWidth > area.clientWidth + 1).length);
    expect(wide, path).toBe(0);
  }
  await accessible(page);
});
