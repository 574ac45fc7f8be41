// Three hundred payloads in every text field of items: each screen shows them as text, and none runs.
import { test as plain } from '@playwright/test';
import { serve } from './server.ts';
import { expect, test, watch } from './test.ts';

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

test.setTimeout(240_000);

test('no payload runs on any screen', async ({ page }) => {
  expect(PAYLOADS.length).toBe(300);
  type Attribute = { name: string; type: string; values?: string[] };
  const { attributes } = (await (await page.request.get('/api/v1/classes/Server')).json()) as { attributes: Attribute[] };
  const FIELDS = attributes.filter(({ type, values }) => type === 'text' && !values?.length).map(({ name }) => name);
  expect(FIELDS).toEqual(expect.arrayContaining(['description', 'owner', 'support_group', 'location', 'serial_number', 'model']));
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

  // All stand on the first, which a service with such a name stands on; and changes with such titles touch them.
  const links = PAYLOADS.slice(1).map((_, at) => `xss-${at + 1},depends_on,xss-0`);
  const linked = await page.request.post(`/api/v1/imports?as=relationships&source=${encodeURIComponent('<img src=x onerror=window.__ran=1>')}&name=x.csv`, {
    data: ['source,type,target', ...links].join('\n'),
    headers: { 'content-type': 'text/csv', prefer: 'wait=30' },
  });
  expect((await linked.json()).relationships?.created).toBe(links.length);

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
    // The rows of before stay until those of the next page are there.
    const first = (await page.locator('tbody tr a').first().getAttribute('href'))!;
    await next.click();
    await expect(page.locator('tbody tr a').first()).not.toHaveAttribute('href', first);
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
  const root = (await (await page.request.get(`/api/v1/search?q=${encodeURIComponent(`${PAYLOADS[0]} 0`)}&limit=1`)).json()).items[0].id;
  const service = await page.request.post('/api/v1/items', { data: { class: 'BusinessService', name: PAYLOADS[1], attributes: { description: PAYLOADS[2], owner: PAYLOADS[3], criticality: 1 } } });
  const serviceId = (await service.json()).id;
  expect((await page.request.post('/api/v1/relationships', { data: { source: serviceId, type: 'depends_on', target: root } })).ok()).toBe(true);
  const soon = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const changes: string[] = [];
  for (const [at, title] of PAYLOADS.slice(0, 20).entries()) {
    const plan = { title, reason: title, benefit: title, implementer: title, affects: [`${at ? ids[at] : root}=down`], start: soon(30 + at), end: soon(60 + at) };
    const change = await page.request.post('/api/v1/changes', { data: plan });
    expect(change.ok(), await change.text()).toBe(true);
    changes.push((await change.json()).number);
    expect((await page.request.post(`/api/v1/changes/${changes.at(-1)}/submit`, { data: {} })).ok()).toBe(true);
  }
  const query = (text: string) => `/query?q=${encodeURIComponent(text)}`;
  const screens = [
    ...['/', '/import', '/audit', '/quality/location', '/quality/owner', '/admin', '/admin/types', '/admin/users'],
    ...[`/impact?root=${root}`, `/impact?root=${root}&open=all&max=500`, `/impact?root=${root}&group=owner`, `/impact?root=${serviceId}&dir=in`],
    ...[`/impact?root=${root}&sel=${serviceId}`, `/impact?root=${root}&versus=${ids[5]}`],
    ...['/services', `/services/${serviceId}`, '/changes', '/changes/calendar', '/cab', '/cab?all=1', `/changes/${changes[0]}`, `/changes/${changes[7]}`],
    ...[query('MATCH (n:Server)-[r:depends_on]->(m:Server) WHERE n.serial_number CONTAINS \'ran\' RETURN n, r, m, n.description LIMIT 100'), query(`MATCH (n {name: "${PAYLOADS[0]!.replaceAll('"', '')}"}) RETURN n`)],
  ];
  for (const path of screens) {
    await page.goto(path);
    await expect(page.locator('h1'), path).not.toBeEmpty();
    await page.waitForLoadState('networkidle');
    expect(await ran(), path).toBeUndefined();
  }
  await page.goto(screens.at(-2)!);
  for (const form of ['Graph', 'JSON', 'Table']) {
    await page.getByRole('button', { name: form, exact: true }).click();
    await expect(page.getByRole('region', { name: 'Result' })).toContainText(/__ran/i);
    expect(await ran(), form).toBeUndefined();
  }
  await page.goto(`/ci/${ids[3]}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  for (const text of ['script', 'onerror', 'javascript']) {
    await page.getByRole('combobox').fill(text);
    await expect(page.getByRole('option').first()).toBeVisible();
  }
  expect(await ran()).toBeUndefined();
});

plain('what would run, or break the content policy, is noticed', async ({ page }) => {
  // On purpose, so the usual watch is not asked; it is what is tested here.
  const seen = watch(page);
  const empty = await serve(false);
  await page.goto(empty.url);
  await page.evaluate(() => {
    const image = document.createElement('img');
    image.setAttribute('onerror', 'window.__ran=1');
    image.src = '/nothing.png';
    document.body.append(image);
  });
  await expect.poll(() => seen.join(' ')).toMatch(/policy/i);
  expect(await page.evaluate(() => (window as { __ran?: number }).__ran)).toBeUndefined();
  await empty.stop();
});
