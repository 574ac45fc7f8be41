// A board member opens a change, sees the dangerous pair, reads why, rejects. With real users: deciding takes a person.
import { test as base, expect, type Page } from '@playwright/test';
import { serve, type Served } from './server.ts';
import { accessible, test as onDemo, watch } from './test.ts';

type Conflict = { kind: string; number: string; with: { id: string; number: string }[]; reason: string; start: string };

const PASSWORD = 'correct horse battery';

async function signIn(page: Page, user: string): Promise<void> {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
}

/** A session counts for requests of the page itself only. */
async function said(page: Page, path: string, body: object): Promise<void> {
  const status = await page.evaluate(
    async ([to, text]) => (await fetch(`/api/v1${to}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text })).status,
    [path, JSON.stringify(body)] as const,
  );
  expect(status, path).toBeLessThan(300);
}

/** The pair that the demo plans: each harmless alone, together they cut a service. */
async function dangerousPair(page: Page, url: string): Promise<Conflict> {
  const { conflicts } = await (await page.request.get(`${url}/api/v1/changes/conflicts`)).json();
  return conflicts.find((each: Conflict) => each.kind === 'joint_cut');
}

const test = base.extend<{ own: Served }>({
  // eslint-disable-next-line no-empty-pattern -- the runner wants the pattern
  own: async ({}, use) => {
    const own = await serve(true);
    await use(own);
    await own.stop();
  },
});

test('the board sees the dangerous pair, reads why, and rejects', async ({ page, own }) => {
  // Three people, one after the other, and a look with axe at every step.
  test.setTimeout(150_000);
  const wrong = watch(page);
  const pair = await dangerousPair(page, own.url);
  const [change, other] = pair.with as [Conflict['with'][0], Conflict['with'][0]];
  await page.goto(own.url);
  // The first user locks the door; the others are added by it.
  await said(page, '/users', { name: 'ada', role: 'admin', password: PASSWORD });
  await said(page, '/session', { user: 'ada', password: PASSWORD });
  await said(page, '/users', { name: 'petra', role: 'editor', password: PASSWORD });
  await said(page, '/users', { name: 'bert', role: 'approver', password: PASSWORD });
  await page.context().clearCookies();

  // Whoever plans it submits it.
  await page.goto(`${own.url}/changes?q=${change.number}`);
  await signIn(page, 'petra');
  const row = page.getByRole('row', { name: new RegExp(change.number) });
  await expect(row).toContainText('Dangerous together');
  await row.getByRole('link', { name: change.number }).click();
  await expect(page.getByRole('region', { name: 'Collisions' })).toContainText('Dangerous together');
  await expect(page.getByRole('button', { name: 'Reject' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByText('awaiting approval')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Reject' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Sign out' }).click();

  // The board: nothing to decide that day, and one step to what does wait.
  await signIn(page, 'bert');
  const before = new Date(Date.parse(pair.start) - 3 * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`${own.url}/cab/${before}?days=1`);
  await page.getByRole('button', { name: /^The next to decide is on/ }).click();
  const agenda = page.getByRole('navigation', { name: 'Agenda' });
  await expect(agenda.getByRole('button', { name: new RegExp(change.number) })).toHaveAttribute('aria-current', 'true');
  const sheet = page.getByRole('article').first();
  await expect(sheet).toContainText('Dangerous together');
  await expect(sheet).toContainText(pair.reason);
  await expect(sheet.getByRole('link', { name: other.number })).toBeVisible();
  await accessible(page);

  // The whole record says the same and why the risk is what it is.
  await sheet.getByRole('link', { name: 'Whole record' }).click();
  await expect(page.getByRole('region', { name: 'Collisions' })).toContainText(pair.reason);
  await expect(page.getByRole('region', { name: 'Risk' })).toContainText(/likely to fail/);
  const effect = page.getByRole('region', { name: 'What it does to services' });
  await effect.locator('summary').first().click();
  await expect(effect.locator('details[open] li').first()).toBeVisible();
  await accessible(page);

  // A rejection without a reason is none.
  await page.keyboard.press('r');
  const dialog = page.getByRole('dialog', { name: `Reject ${change.number}` });
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(dialog).toContainText('Say why');
  await accessible(page);
  await dialog.getByRole('textbox').fill('Together they stop the checkout: move one of them');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'What happened to it' })).toContainText('move one of them');
  await expect(page.getByText('rejected', { exact: true })).toBeVisible();
  await page.goto(`${own.url}/cab/${pair.start.slice(0, 10)}?days=1`);
  await expect(page.getByText('Nothing is on the agenda')).toBeVisible();
  await page.getByRole('button', { name: /of this time$/ }).click();
  await expect(agenda.getByRole('button', { name: new RegExp(change.number) })).toHaveCount(0);
  expect(wrong).toEqual([]);
});

onDemo('the calendar shows the pair marked, earlier and later, and says why', async ({ page, demo }) => {
  const pair = await dangerousPair(page, demo.url);
  await page.goto('/changes/calendar');
  await expect(page.getByRole('group', { name: /Changes over time/ })).toBeVisible();
  await accessible(page);
  await page.getByLabel('Shown').selectOption('30');
  await expect(page).toHaveURL(/days=30/);
  const together = page.getByRole('region', { name: 'What goes wrong together' });
  await expect(together.getByRole('article').first()).toContainText(pair.reason);
  await expect(page.locator('.bar.grave')).toHaveCount(2);
  const first = await page.getByRole('main').getByRole('status').textContent();
  await page.getByRole('button', { name: 'Later' }).click();
  await expect(page).toHaveURL(/from=\d{4}-\d\d-\d\d/);
  await expect(page.getByRole('main').getByRole('status')).not.toHaveText(first!);
  await page.getByRole('button', { name: 'Earlier' }).click();
  await expect(page.getByRole('main').getByRole('status')).toHaveText(first!);
  // Board and calendar show the same time.
  await page.getByRole('button', { name: 'Later' }).click();
  const day = new URL(page.url()).searchParams.get('from')!;
  await page.getByRole('link', { name: 'Board' }).click();
  await expect(page).toHaveURL(new RegExp(`/cab/${day}`));
  await page.getByRole('button', { name: 'All changes of the time' }).click();
  await expect(page.getByRole('article').first()).toBeVisible();
  await page.keyboard.press('n');
  await expect(page).toHaveURL(/change=/);
  await accessible(page);
});

onDemo('a draft whose approval was withdrawn says so, and why', async ({ page }) => {
  const { changes } = await (await page.request.get('/api/v1/changes?status=draft')).json();
  const views = changes.filter((each: { risk: string | null }) => each.risk !== null);
  expect(views.length).toBeGreaterThan(0);
  await page.goto(`/changes/${views[0].id}`);
  const banner = page.getByRole('status').filter({ hasText: 'Its approval was withdrawn' });
  await expect(banner).toContainText(/instead of/);
  await expect(page.getByRole('region', { name: 'What happened to it' })).toContainText('Approval withdrawn');
  await accessible(page);
});

onDemo('an open server says that deciding takes a person', async ({ page, demo }) => {
  const pair = await dangerousPair(page, demo.url);
  const { number } = pair.with[1]!;
  expect((await page.request.post(`/api/v1/changes/${number}/submit`, { data: {} })).ok()).toBe(true);
  await page.goto(`/changes/${number}`);
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('alert')).toContainText('Add users under Admin');
});
