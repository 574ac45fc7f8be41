// What every test starts from: a page on the demo estate that fails on a script error or a report of the content policy.
import { test as base, expect, type Page } from '@playwright/test';
import axe, { type AxeResults } from 'axe-core';
import { serve, type Served } from './server.ts';

type Fixtures = { watched: void };
type Shared = { demo: Served };

/** Collects what must not happen on a page; called with it, a test ends with a look at the collection. */
export function watch(page: Page): string[] {
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(`script error: ${error.message}`));
  page.on('dialog', (dialog) => {
    wrong.push(`a script opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) wrong.push(`policy: ${message.text()}`);
  });
  return wrong;
}

export const test = base.extend<Fixtures, Shared>({
  demo: [
    // eslint-disable-next-line no-empty-pattern -- the runner wants the pattern
    async ({}, use) => {
      const demo = await serve(true);
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker', timeout: 90_000 },
  ],
  baseURL: async ({ demo }, use) => use(demo.url),
  watched: [
    async ({ page }, use) => {
      const wrong = watch(page);
      await use();
      expect(wrong).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** No serious finding of axe, in the light and in the dark scheme. */
export async function accessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(axe.source);
    const results = await page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof import('axe-core') };
      return (await axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      })) as AxeResults;
    });
    const serious = results.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const told = serious.map((v) => `${colorScheme}: ${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')}`);
    expect(told).toEqual([]);
  }
}

/** Id of the item of this name. */
export async function idOf(page: Page, name: string): Promise<string> {
  const answer = await page.request.get(`/api/v1/search?q=${encodeURIComponent(name)}&limit=1`);
  return (await answer.json()).items[0].id;
}
