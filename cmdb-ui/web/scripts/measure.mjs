// Times of the page in a browser, medians and 95th percentiles, beside a plain fetch of the same addresses.
// Usage: CMDB_URL=http://127.0.0.1:7070 node scripts/measure.mjs   over the demo estate
//        CMDB_URL=… CMDB_ROOT=REF[,DEPTH] node scripts/measure.mjs  also the impact of this item, on any estate
import { chromium } from '@playwright/test';

const base = process.env.CMDB_URL ?? 'http://127.0.0.1:7070';
const ROUNDS = 15;
const browser = await chromium.launch({
  executablePath: process.env.CMDB_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
});

function say(what, times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  console.log(`${what.padEnd(44)} median ${at(0.5).padStart(7)} ms   p95 ${at(0.95).padStart(7)} ms`);
}

async function fetched(path) {
  const times = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    await (await fetch(base + path, { headers: { accept: 'text/html' } })).text();
    times.push(performance.now() - start);
  }
  say(`fetch of ${path}`, times);
}

// A new context has nothing in its cache: what a first visit costs.
async function painted(path, ready) {
  const [paints, rows] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.addInitScript((selector) => {
      const look = () => {
        if (document.querySelector(selector)) window.__ready = performance.now();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    }, ready);
    await page.goto(base + path);
    await page.waitForFunction(() => window.__ready);
    rows.push(await page.evaluate(() => window.__ready));
    paints.push(
      await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN),
    );
    await context.close();
  }
  say(`first contentful paint of ${path}, cold`, paints);
  say(`  until ${ready}`, rows);
}

/** From a key to the first frame in which `ready` holds the new text, within the page's own clock. */
async function answered(page, what, keys, selector) {
  const times = [];
  for (const key of keys) {
    const done = page.evaluate(
      ({ selector }) =>
        new Promise((tell) => {
          addEventListener(
            'keydown',
            () => {
              const start = performance.now();
              const before = document.querySelector(selector)?.textContent;
              const look = () => {
                const now = document.querySelector(selector)?.textContent;
                if ((now && now !== before) || performance.now() - start > 400) tell(performance.now() - start);
                else requestAnimationFrame(look);
              };
              requestAnimationFrame(look);
            },
            { once: true, capture: true },
          );
        }),
      { selector },
    );
    await page.waitForTimeout(30);
    await page.keyboard.press(key);
    times.push(await done);
  }
  // Keys that changed nothing on the list ran into the limit of 400 ms and say nothing about speed.
  say(what, times.filter((time) => time < 400));
}

/** What the first view costs on the wire, document and all. */
async function bytes(path, ready) {
  const page = await browser.newPage();
  await page.goto(base + path);
  await page.waitForSelector(ready);
  const sizes = await page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter(({ name }) => !name.includes('/api/'))
      .map(({ encodedBodySize }) => encodedBodySize),
  );
  console.log(`first view of ${path}: ${(sizes.reduce((sum, size) => sum + size, 0) / 1000).toFixed(1)} kB in ${sizes.length} files`);
  await page.close();
}

/** Interaction to next paint, as the browser itself counts it, of everything that `act` does. */
async function interactions(what, path, act) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.addInitScript(() => {
    window.__times = new Map();
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries()) {
        if (interactionId) window.__times.set(interactionId, Math.max(duration, window.__times.get(interactionId) ?? 0));
      }
    }).observe({ type: 'event', durationThreshold: 16, buffered: true });
  });
  await page.goto(base + path);
  await page.waitForLoadState('networkidle');
  const done = await act(page);
  await page.waitForTimeout(300);
  const seen = await page.evaluate(() => [...window.__times.values()]);
  // What took less than a frame is not reported at all.
  say(what, [...seen, ...Array(Math.max(0, done - seen.length)).fill(16)]);
  await page.close();
}

/** From the choice of an item to its painted drawing, and the server's answer by itself. */
async function impact(ref, depth) {
  const query = `root=${encodeURIComponent(ref)}${depth ? `&depth=${depth}` : ''}`;
  await fetched(`/api/v1/impact/drawing?${query}&limit=50`);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${base}/impact`);
  await page.waitForLoadState('networkidle');
  const [clicks, afterData] = [[], []];
  let told = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    const times = await page.evaluate(
      (to) =>
        new Promise((tell) => {
          performance.clearResourceTimings();
          const start = performance.now();
          history.pushState(null, '', to);
          dispatchEvent(new PopStateEvent('popstate'));
          const look = () => {
            const loaded = performance.getEntriesByType('resource').find(({ name }) => name.includes('/impact/drawing'));
            if (!document.querySelector('[data-box]') || !loaded) return void requestAnimationFrame(look);
            requestAnimationFrame(() => setTimeout(() => tell([performance.now() - start, performance.now() - loaded.responseEnd])));
          };
          requestAnimationFrame(look);
        }),
      `/impact?${query}`,
    );
    clicks.push(times[0]);
    afterData.push(times[1]);
    told = await page.locator('main').getByText(/left out/).first().innerText();
    await page.evaluate(() => {
      history.pushState(null, '', '/impact');
      dispatchEvent(new PopStateEvent('popstate'));
    });
    await page.waitForFunction(() => !document.querySelector('[data-box]'));
  }
  console.log(`impact of ${ref}: ${told}`);
  say('  choice to painted drawing', clicks);
  say('  of which after the answer', afterData);
  await page.close();
}

/** A file of many rows is compared with the inventory; how often its progress was seen to move. */
async function dryRun(rows) {
  const page = await browser.newPage();
  const text = ['class,name,environment', ...Array.from({ length: rows }, (_, at) => `Server,measured-${at},production`)].join('\n');
  await page.goto(`${base}/import/file`);
  await page.locator('input[type=file]').setInputFiles({ name: 'measured.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
  const go = page.getByRole('button', { name: 'Check, change nothing' });
  await go.waitFor();
  const times = await page.evaluate(
    () =>
      new Promise((tell) => {
        const start = performance.now();
        const seen = new Set();
        const look = () => {
          const bar = document.querySelector('main progress');
          if (bar) seen.add(bar.value);
          if (document.querySelector('[aria-label="Check"] strong')) tell([performance.now() - start, seen.size]);
          else requestAnimationFrame(look);
        };
        document.querySelectorAll('main button').forEach((button) => /Check, change/.test(button.textContent) && button.click());
        requestAnimationFrame(look);
      }),
  );
  console.log(`dry run of ${rows} rows: ${(times[0] / 1000).toFixed(1)} s, ${times[1]} positions of the progress bar seen`);
  await page.close();
}

const [root, depth] = (process.env.CMDB_ROOT ?? '').split(',');
if (root) {
  await impact(root, depth);
  await browser.close();
  process.exit();
}
await bytes('/', 'main ol li');
await fetched('/');
await painted('/', 'main ol li');
await fetched('/ci?class=Server');
await painted('/ci?class=Server', 'tbody tr');
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(`${base}/`);
await page.waitForSelector('main ol li');
await page.keyboard.press('Control+k');
await fetched('/api/v1/search?q=san-fra&limit=12');
await answered(page, 'palette: key to painted answer', [...'san-fra1-02', ...Array(11).fill('Backspace'), ...'esx-fra'], '[role=listbox]');
await interactions('list: sort, mark, type in the filter', '/ci?class=Server', async (page) => {
  for (let round = 0; round < 4; round += 1) {
    for (const name of ['Name', 'Status', 'Updated']) await page.getByRole('columnheader', { name }).getByRole('button').click();
    await page.getByLabel('Mark all rows shown').click();
    await page.getByLabel('Filter by name').pressSequentially('esx-');
    await page.getByLabel('Filter by name').fill('');
  }
  return 32;
});
await interactions('explorer: choose boxes, open and close groups', `/impact?root=${encodeURIComponent('san-fra1-02')}`, async (page) => {
  for (let round = 0; round < 8; round += 1) {
    await page.locator('[data-box]').nth(round + 1).click();
    await page.locator('.group .open').first().click();
    await page.waitForTimeout(200);
  }
  return 16;
});
await interactions('item: from tab to tab', '/ci/san-fra1-02', async (page) => {
  for (let round = 0; round < 4; round += 1) {
    for (const name of ['Relationships', 'Impact', 'History', 'Overview']) await page.getByRole('navigation', { name: 'Views of this item' }).getByRole('link', { name, exact: true }).click();
  }
  return 16;
});
await impact('san-fra1-02');
await dryRun(50_000);
await browser.close();
