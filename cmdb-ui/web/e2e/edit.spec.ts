// Edits: what is refused says why beside the field, and two edits at once are laid side by side.
import { accessible, expect, idOf, test } from './test.ts';

test('an edit shows in the history with the field before and after', async ({ page }) => {
  const id = await idOf(page, 'esx-fra1-r01-01');
  await page.goto(`/ci/${id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await accessible(page);
  await page.getByRole('button', { name: 'Show all attributes' }).click();
  await page.getByLabel('Firmware version').fill('9.9.1');
  await page.getByLabel('Reason').fill('Größe geprüft');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByRole('link', { name: 'History' }).click();
  const entry = page.locator('main ol > li').first();
  await expect(entry).toContainText('9.9.1');
  await expect(entry).toContainText('Größe geprüft');
});

test('who was quicker is shown, and nothing is overwritten in silence', async ({ page }) => {
  const id = await idOf(page, 'esx-fra1-r01-02');
  await page.goto(`/ci/${id}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('button', { name: 'Show all attributes' }).click();
  await page.getByLabel('Firmware version').fill('mine');
  const theirs = await page.request.patch(`/api/v1/items/${id}`, { data: { attributes: { firmware_version: 'theirs' } } });
  expect(theirs.ok()).toBe(true);
  await page.getByRole('button', { name: 'Save' }).click();
  const merge = page.getByRole('dialog', { name: /edited this item meanwhile/ });
  await expect(merge).toContainText('theirs');
  await expect(merge).toContainText('mine');
  await accessible(page);
  await merge.getByRole('button', { name: 'Save this' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('row', { name: /Firmware version/i })).toContainText('mine');
});

test('a value that does not fit is refused beside its cause', async ({ page }) => {
  await page.goto(`/ci/${await idOf(page, 'esx-fra1-r01-03')}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('button', { name: 'Show all attributes' }).click();
  await page.getByLabel('Criticality').fill('99');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toContainText(/criticality/i);
});

test('many items are edited at once, after a look at what changes', async ({ page }) => {
  await page.goto('/ci?class=Hypervisor&q=esx-fra1-r02');
  await page.getByLabel('Mark all rows shown').check();
  await page.getByRole('button', { name: 'Edit marked' }).click();
  await page.getByLabel('New value').selectOption('staging');
  await accessible(page);
  await page.getByRole('button', { name: /^Change 6 items$/ }).click();
  await expect(page.getByText('6 items changed')).toBeVisible();
  await expect(page.getByRole('cell', { name: 'staging' })).toHaveCount(6);
});

test('many items are edited as one entry, and what somebody else edited meanwhile is left alone', async ({ page }) => {
  const position = async () => (await (await page.request.get('/api/v1/status')).json()).position;
  await page.goto('/ci?class=Hypervisor&q=esx-fra1-r03');
  await page.getByLabel('Mark all rows shown').check();
  await page.getByRole('button', { name: 'Edit marked' }).click();
  await page.getByLabel('Attribute').selectOption('installed_on');
  await page.getByLabel('New value').fill('2026-02-03');
  await expect(page.getByRole('button', { name: /^Change 6 items$/ })).toBeEnabled();
  const id = await idOf(page, 'esx-fra1-r03-01');
  expect((await page.request.patch(`/api/v1/items/${id}`, { data: { attributes: { installed_on: '2020-05-05' } } })).ok()).toBe(true);
  const before = await position();
  await page.getByRole('button', { name: /^Change 6 items$/ }).click();
  await expect(page.getByRole('alert')).toContainText('esx-fra1-r03-01');
  await expect(page.getByText('5 items changed')).toBeVisible();
  expect(await position()).toBe(before + 1);
  const item = await (await page.request.get(`/api/v1/items/${id}`)).json();
  expect(item.attributes.installed_on).toBe('2020-05-05');
});

test('the past is coloured and cannot be edited', async ({ page }) => {
  const id = await idOf(page, 'esx-fra1-r01-01');
  await page.goto(`/ci/${id}?at=2`);
  await expect(page.getByText('You are looking at the past')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Edit' })).toHaveCount(0);
  await page.getByRole('link', { name: 'Back to now' }).click();
  await expect(page.getByRole('button', { name: 'Edit' })).toBeVisible();
});
