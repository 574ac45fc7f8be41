// Sign-in: the first user locks the door behind itself, guesses are refused, and a viewer is offered nothing to edit.
import { test as base, expect } from '@playwright/test';
import { serve, type Served } from './server.ts';
import { accessible, watch } from './test.ts';

const test = base.extend<{ empty: Served }>({
  // eslint-disable-next-line no-empty-pattern -- the runner wants the pattern
  empty: async ({}, use) => {
    const empty = await serve(false);
    await use(empty);
    await empty.stop();
  },
});

test('from an open door to roles', async ({ page, empty }) => {
  const wrong = watch(page);
  await page.goto(`${empty.url}/`);
  await expect(page.getByText('There is nothing in the inventory yet')).toBeVisible();
  await accessible(page);

  await page.goto(`${empty.url}/admin/users`);
  await page.getByRole('button', { name: 'Add user' }).first().click();
  await page.getByLabel('User name').fill('ada');
  await page.getByLabel('Password').fill('a long password');
  await page.getByRole('dialog').getByRole('button', { name: 'Add user' }).click();

  // The door is locked now, for this page too; the address stays.
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await accessible(page);
  const signIn = async (user: string, password: string) => {
    await page.getByLabel('User name').fill(user);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await signIn('ada', 'not the password');
  await expect(page.getByRole('alert')).toContainText('wrong');
  await signIn('ada', 'a long password');
  await expect(page.getByRole('heading', { name: 'Admin' })).toBeVisible();
  await expect(page).toHaveURL(/\/admin\/users/);
  const cookies = await page.context().cookies();
  expect(cookies[0]).toMatchObject({ name: '__Host-cmdb', httpOnly: true, secure: true, sameSite: 'Strict' });

  await page.getByRole('button', { name: 'Add user' }).click();
  await page.getByLabel('User name').fill('vera');
  await page.getByLabel('Password').fill('another password');
  await page.getByRole('dialog').getByRole('button', { name: 'Add user' }).click();
  await expect(page.getByRole('cell', { name: 'vera', exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn('vera', 'another password');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toHaveCount(0);
  await page.goto(`${empty.url}/ci`);
  await expect(page.getByRole('heading', { name: 'Inventory' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add item' })).toHaveCount(0);
  // What is not offered is refused below, too.
  const refused = await page.evaluate(async () => {
    const body = JSON.stringify({ class: 'Server', name: 'sneaked-in' });
    return (await fetch('/api/v1/items', { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
  });
  expect(refused).toBe(403);
  // A cookie alone, without the browser's word that the page itself asks, opens nothing.
  const { value } = (await page.context().cookies())[0]!;
  const foreign = await fetch(`${empty.url}/api/v1/items`, { headers: { cookie: `__Host-cmdb=${value}`, 'sec-fetch-site': 'cross-site' } });
  expect(foreign.status).toBe(401);
  expect(wrong).toEqual([]);
});
