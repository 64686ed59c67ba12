/** 100,000 candles in the price chart, and many charts one after the other. */
import assert from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";
import type { Sql } from "../../db/connect.ts";
import { launchBrowser, visitor } from "../support/browser.ts";
import { storeInstrument } from "../support/market.ts";
import { goToOldest, openChart, paneBox } from "../support/price_chart.ts";
import { NOW, serveSite } from "../support/site.ts";

const MANY = 100_000;
const FEW = 1_000;
/** Frames of one drag, of which each shows other candles. */
const FRAMES = 24;
/** Other tests run beside this one: the cheapest round of each is compared, of as many as it takes. */
const MOST_ROUNDS = 15;
const MOST_RATIO = 1.5;
const VISITS = 2;
const MOST_GROWTH = 1.2;

const SYMBOLS = Array.from({ length: 10 }, (_, at) => `COIN${at}/USD`);
const [LONG, SHORT] = SYMBOLS;

Deno.test({
  name: "A long history in the price chart",
  // Chromium's pipes and the worker of PGlite end on their own time.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const { baseUrl, database: { sql }, close } = await serveSite(async ({ sql }) => {
      for (const symbol of SYMBOLS) await storeHours(sql, symbol, symbol === LONG ? MANY : FEW);
      await sql`analyze market.candles`;
    });
    const browser = await launchBrowser();
    const visit = visitor(browser, baseUrl);
    try {
      await t.step(
        "comes in pages, and costs a frame no more than a short one",
        () =>
          visit({}, async ({ page: long, context }) => {
            await openChart(long, pathOf(LONG!));
            const pages = await loadAll(long, await oldestHour(sql, LONG!));
            assert.ok(pages > 15 && pages < 30, `${pages} requests`);
            const short = await context.newPage();
            await openChart(short, pathOf(SHORT!));
            await loadAll(short, await oldestHour(sql, SHORT!));
            const meters = { long: await meterOf(long), short: await meterOf(short) };
            // What grew with all candles before or after those in sight would show at one of the ends.
            for (const end of ["Home", "End"] as const) {
              const costs = { long: [] as number[], short: [] as number[] };
              let ratio = Infinity;
              for (let round = 0; round < MOST_ROUNDS && ratio > MOST_RATIO; round++) {
                costs.short.push(await costOfFrame(short, meters.short, end));
                costs.long.push(await costOfFrame(long, meters.long, end));
                ratio = Math.min(...costs.long) / Math.min(...costs.short);
              }
              const told = `at ${end} a frame costs ${ratio.toFixed(2)} times: ${
                JSON.stringify(costs)
              } ms`;
              assert.ok(ratio <= MOST_RATIO, told);
            }
            await short.close();
          }),
      );

      await t.step(
        "leaves no memory behind, round after round of ten instruments",
        () =>
          visit({}, async ({ page }) => {
            await openChart(page, pathOf(SHORT!));
            const meter = await meterOf(page);
            const others = SYMBOLS.filter((symbol) => symbol !== LONG);
            let first: Metrics | undefined;
            for (let visits = 0; visits < VISITS; visits++) {
              for (const symbol of [...others, LONG!]) await swapTo(page, pathOf(symbol), symbol);
              // The first round compiles and fills what stays for good.
              if (visits === 0) first = await settled(meter);
            }
            const last = await settled(meter);
            for (
              const name of ["JSHeapUsedSize", "Nodes", "JSEventListeners", "Documents"] as const
            ) {
              const growth = last[name] / first![name];
              assert.ok(growth <= MOST_GROWTH, `${name}: ${first![name]} → ${last[name]}`);
            }
          }),
      );
    } finally {
      await browser.close();
      await close();
    }
  },
});

function pathOf(symbol: string): string {
  return `/instruments/${symbol.replace("/", "-")}?interval=1h&overlays=sma20`;
}

async function storeHours(sql: Sql, symbol: string, count: number): Promise<void> {
  const { id } = await storeInstrument(sql, { symbol, slug: symbol.replace("/", "-") });
  await sql`
    insert into market.candles (
      instrument_id, candle_interval, opened_at, open, high, low, close, is_final, run_id, loaded_at
    )
    select ${id}, '1h', hour, price, price + 3, price - 3, price + sin(n * 1.7), true, 1, ${NOW}
    from (
      select n, '2026-11-20 17:00Z'::timestamptz - n * interval '1 hour' as hour,
        round((1000 + 100 * sin(n / 40.0) + 10 * sin(n / 3.0))::numeric, 2) as price
      from generate_series(0, ${count - 1}::integer) n
    ) hours`;
}

async function oldestHour(sql: Sql, symbol: string): Promise<Date> {
  const [row] = await sql`
    select min(c.opened_at) as oldest
    from market.candles c join market.instruments i on i.id = c.instrument_id
    where i.symbol = ${symbol}`;
  return row!.oldest;
}

/** Goes to the oldest candle at hand until there is no older one; how many pages that took. */
async function loadAll(page: Page, oldest: Date): Promise<number> {
  let pages = 0;
  page.on("response", (response) => pages += Number(response.url().includes("/api/v1/chart")));
  await goToOldest(page, oldest);
  return pages;
}

async function meterOf(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  return session;
}

type Metrics = Record<
  "TaskDuration" | "JSHeapUsedSize" | "Nodes" | "JSEventListeners" | "Documents",
  number
>;

async function metricsOf(meter: CDPSession): Promise<Metrics> {
  const { metrics } = await meter.send("Performance.getMetrics");
  return Object.fromEntries(metrics.map(({ name, value }) => [name, value])) as Metrics;
}

/** What is left once nothing more can be collected. */
async function settled(meter: CDPSession): Promise<Metrics> {
  for (let turn = 0; turn < 3; turn++) await meter.send("HeapProfiler.collectGarbage");
  return await metricsOf(meter);
}

/** The work of the page's main thread in ms for each frame of a drag, away from that end and back. */
async function costOfFrame(page: Page, meter: CDPSession, end: "Home" | "End"): Promise<number> {
  await page.bringToFront();
  await page.getByRole("application").focus();
  await page.keyboard.press(end);
  await page.keyboard.press("Escape");
  const { x, y, width, height } = await paneBox(page);
  const middle = { x: x + width / 2, y: y + height / 3 };
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  const before = await metricsOf(meter);
  for (let frame = 1; frame <= FRAMES; frame++) {
    const away = (end === "Home" ? -14 : 14) * Math.min(frame, FRAMES - frame);
    await page.mouse.move(middle.x + away, middle.y);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  const after = await metricsOf(meter);
  await page.mouse.up();
  return 1000 * (after.TaskDuration - before.TaskDuration) / FRAMES;
}

/**
 * Puts the other instrument's page into the document at hand. Going there by a link makes a new document,
 * in which nothing of the old one can be left; here all of it is, if an island does not clean up.
 */
async function swapTo(page: Page, path: string, symbol: string): Promise<void> {
  await page.evaluate(async (path) => {
    const cache = await caches.open("visits");
    const answer = await cache.match(path) ?? await fetch(path);
    await cache.put(path, answer.clone());
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main")!.replaceChildren(...next.querySelector("main")!.childNodes);
  }, path);
  await page.getByRole("application", { name: `chart of ${symbol}` }).waitFor();
  // A test that held the canvas itself would hold the whole chart.
  await page.waitForFunction(() => document.querySelector(".price-chart canvas") !== null);
}
