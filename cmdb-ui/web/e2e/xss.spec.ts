// Three hundred payloads in every text field of items: each screen shows them as text, and none runs.
import { expect, test } from './test.ts';

const RUN = 'window.__ran=1';
const TEMPLATES = [
  `<script>${RUN}</script>`,
  `<img src=x onerror="${RUN}">`,
  `<svg onload="${RUN}">`,
  `<svg><script>${RUN}</script></svg>`,
  `<body onload="${RUN}">`,
  `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`,
  `<iframe src="javascript:parent.${RUN}"></iframe>`,
  `<a href="javascript:${RUN}">click</a>`,
  `<details open ontoggle="${RUN}">`,
  `<input autofocus onfocus="${RUN}">`,
  `<video><source onerror="${RUN}"></video>`,
  `<math><mtext></mtext><script>${RUN}</script></math>`,
  `<style>@import'javascript:${RUN}';</style>`,
  `<link rel=stylesheet href="data:text/css,*{color:red}">`,
  `<meta http-equiv=refresh content="0;url=javascript:${RUN}">`,
  `<object data="javascript:${RUN}"></object>`,
  `<embed src="javascript:${RUN}">`,
  `<form action="javascript:${RUN}"><button>x</button></form>`,
  `javascript:${RUN}`,
  `{{constructor.constructor('${RUN}')()}}`,
  `\${${RUN}}`,
  `<template><script>${RUN}</script></template>`,
  `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`,
  `<textarea></textarea><script>${RUN}</script>`,
  `<isindex action=javascript:${RUN} type=image>`,
];
const WRAPPINGS: ((payload: string) => string)[] = [
  (p) => p,
  (p) => `"'>${p}`,
  (p) => `--></script>${p}`,
  (p) => `</title></textarea></style>${p}`,
  (p) => `]]>${p}<![CDATA[`,
  (p) => `"}]}</script>${p}`,
  (p) => `\u2028${p}\u202e`,
  (p) => p.toUpperCase(),
  (p) => p.replaceAll('<', '<<'),
  (p) => p.replaceAll(' ', '/'),
  (p) => p.replaceAll('<', '&lt;'),
  (p) => `' or 1=1;${p}`,
];
const PAYLOADS = WRAPPINGS.flatMap((wrap) => TEMPLATES.map(wrap));
const FIELDS = ['description', 'owner', 'support_group', 'location', 'serial_number', 'manufacturer', 'model', 'operating_system'];

test.setTimeout(240_000);

test('no payload runs on any screen', async ({ page }) => {
  expect(PAYLOADS.length).toBe(300);
  const items = PAYLOADS.map((payload, at) => ({
    class: 'Server',
    name: `${payload} ${at}`,
    id: `xss-${at}`,
    ...Object.fromEntries(FIELDS.map((field) => [field, `${payload} ${at}`])),
  }));
  const answer = await page.request.post(`/api/v1/imports?source=${encodeURIComponent('<img src=x onerror=window.__ran=1>')}&name=x.ndjson`, {
    data: items.map((item) => JSON.stringify(item)).join('\n'),
    headers: { 'content-type': 'application/x-ndjson', prefer: 'wait=30' },
  });
  const report = await answer.json();
  expect(report.created, JSON.stringify(report.rejected?.slice(0, 2))).toBe(PAYLOADS.length);

  const ran = () => page.evaluate(() => (window as { __ran?: number }).__ran);
  const list = `/ci?class=Server&where=${encodeURIComponent('serial_number contains "__ran" or serial_number contains "__RAN" or serial_number contains "color"')}`;
  await page.goto(`${list}&cols=name,${FIELDS.join(',')}`);
  const ids = (await (await page.request.get('/api/v1/items?class=Server&fields=id,name&limit=all')).json()).items
    .filter((item: { name: string }) => / \d+$/.test(item.name))
    .map((item: { id: string }) => item.id);
  expect(ids.length).toBe(PAYLOADS.length);

  // Pages of the list, all columns shown.
  let pages = 1;
  for (;;) {
    await expect(page.locator('tbody tr').first()).toBeVisible();
    expect(await ran()).toBeUndefined();
    const next = page.getByRole('link', { name: 'Next page' });
    if (!(await next.count())) break;
    const url = page.url();
    await next.click();
    await page.waitForURL((now) => now.toString() !== url);
    pages += 1;
  }
  expect(pages).toBeGreaterThan(3);

  // Every item's page; steps within the page, as a reader takes them, and whole loads for some, for the document.
  const show = (path: string) =>
    page.evaluate((to) => {
      history.pushState(null, '', to);
      dispatchEvent(new PopStateEvent('popstate'));
    }, path);
  for (const [at, id] of ids.entries()) {
    const tab = ['', '/impact', '/history', '/relations'][at % 4]!;
    if (at % 20 === 0) await page.goto(`/ci/${id}${tab}`);
    else await show(`/ci/${id}${tab}`);
    await expect(page).toHaveURL(new RegExp(id));
    if (at % 10 === 0) {
      await expect(page.locator('h1')).toContainText(/\d+$/);
      expect(await ran()).toBeUndefined();
    }
  }
  await page.waitForLoadState('networkidle');
  expect(await ran()).toBeUndefined();

  // Where else the texts appear.
  for (const path of ['/', '/import', '/audit', '/quality/location', '/quality/owner', '/admin']) {
    await page.goto(path);
    await page.waitForLoadState('networkidle');
    expect(await ran(), path).toBeUndefined();
  }
  await page.keyboard.press('Control+k');
  for (const text of ['script', 'onerror', 'javascript']) {
    await page.getByRole('combobox').fill(text);
    await expect(page.getByRole('option').first()).toBeVisible();
  }
  expect(await ran()).toBeUndefined();
});
