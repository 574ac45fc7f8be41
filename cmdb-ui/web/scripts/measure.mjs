// Times of the page in a browser, medians and 95th percentiles, beside a plain fetch of the same addresses.
// Usage: CMDB_URL=http://127.0.0.1:7070 node scripts/measure.mjs
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
    await page.goto(base + path);
    await page.waitForSelector(ready);
    rows.push(await page.evaluate(() => performance.now()));
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

await fetched('/');
await painted('/', 'main ol li');
await fetched('/ci?class=Server');
await painted('/ci?class=Server', 'tbody tr');
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
await page.goto(`${base}/`);
await page.waitForSelector('main ol li');
await page.keyboard.press('Control+k');
await answered(page, 'palette: key to painted answer', [...'san-fra1-02', ...Array(11).fill('Backspace'), ...'esx-fra'], '[role=listbox]');
await browser.close();
