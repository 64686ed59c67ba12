/** What a person does with the statistics of an instrument: a real browser on a filled site. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Sql } from "../../db/connect.ts";
import { getInstrumentBySymbol } from "../../db/instruments.ts";
import { listReturnBuckets } from "../../db/instrument_statistics.ts";
import { datesOf, type StatsWindow } from "../../market/stats_window.ts";
import {
  assertFits,
  assertOpenToAll,
  chartsAreDrawn,
  launchBrowser,
  type Theme,
  visitor,
} from "../support/browser.ts";
import { NOW, serveFilledSite } from "../support/site.ts";

const PATH = "/instruments/AAPL?interval=1day";

/** Opens every table behind a chart below the price's. */
async function openTables(page: Page): Promise<number> {
  const tables = page.locator("[aria-labelledby=returns] details, .statistics details");
  for (const details of await tables.all()) {
    await details.locator("summary").click();
    await details.locator("tbody tr").first().waitFor({ state: "visible" });
  }
  return await tables.count();
}

/** Points at the highest bar of the histogram and reads the count off its tooltip. */
async function readHighestBar(page: Page): Promise<string> {
  const histogram = page.locator("[aria-labelledby=distribution]");
  const heights = await histogram.locator(".bar").evaluateAll((bars) =>
    bars.map((bar) => bar.getBoundingClientRect().height)
  );
  const highest = heights.indexOf(Math.max(...heights));
  await histogram.locator(".bar").nth(highest).hover({ force: true });
  const tip = histogram.locator(".graph-svg-tip");
  await tip.locator("li strong").waitFor();
  return await tip.locator("li strong").innerText();
}

async function bucketsOf(sql: Sql, symbol: string, window: StatsWindow) {
  const { id } = (await getInstrumentBySymbol(sql, "simulator", symbol))!;
  return await listReturnBuckets(sql, id, datesOf(window, NOW));
}

Deno.test({
  name: "A browser on the statistics of an instrument",
  // Chromium's pipes and the worker of PGlite end on their own time.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const { baseUrl, database, close } = await serveFilledSite();
    const { sql } = database;
    const browser = await launchBrowser();
    const visit = visitor(browser, baseUrl);
    try {
      await t.step(
        "changes window and interval, and neither forgets the other or the chart",
        () =>
          visit({}, async ({ page }) => {
            await page.goto(PATH);
            await chartsAreDrawn(page);
            await page.getByText("Indicators").click();
            await page.getByRole("button", { name: "RSI 14", exact: true }).click();
            await page.keyboard.press("Escape");
            await page.getByRole("link", { name: "3 years" }).click();
            await page.waitForURL("**/AAPL?interval=1day&stats=3y&panes=rsi#statistics");
            await chartsAreDrawn(page);
            await page.getByRole("link", { name: "1 hour" }).click();
            await page.waitForURL("**/AAPL?interval=1h&stats=3y&panes=rsi");
            await page.getByText("The last 3 years:").waitFor();
          }),
      );

      for (const width of [360, 1440] as const) {
        await t.step(
          `draws every chart, tells the count of a bar, opens its tables and changes the window, ${width} px`,
          () =>
            visit({ width }, async ({ page }) => {
              await page.goto(PATH);
              await chartsAreDrawn(page);
              assert.equal(await page.locator(".statistics :is(.bars, .lines) svg").count(), 4);
              const buckets = await bucketsOf(sql, "AAPL", "1y");
              const most = Math.max(...buckets.map(({ returnCount }) => returnCount));
              assert.equal(await readHighestBar(page), `${most}`);
              assert.equal(await openTables(page), 6);
              await assertFits(page, PATH);

              await page.getByRole("link", { name: "90 days" }).click();
              await page.waitForURL("**/instruments/AAPL?interval=1day&stats=90d#statistics");
              await page.getByText("The last 90 days:").waitFor();
              await chartsAreDrawn(page);
              const fewer = await bucketsOf(sql, "AAPL", "90d");
              assert.equal(
                await page.locator("[aria-labelledby=distribution] .bar").count(),
                fewer.length,
              );
              assert.notEqual(fewer.length, buckets.length);
              await page.goBack();
              await page.getByText("The last year:").waitFor();
            }),
        );
      }

      await t.step(
        "keeps the year in sight while the months scroll on a phone",
        () =>
          visit({ width: 360 }, async ({ page }) => {
            await page.goto(PATH);
            const table = page.getByRole("group", { name: "Monthly returns" });
            await table.scrollIntoViewIfNeeded();
            const year = table.locator("tbody th").first();
            const before = await year.boundingBox();
            await table.evaluate((element) => element.scrollLeft = element.scrollWidth);
            assert.deepEqual(await year.boundingBox(), before);
            const total = await table.locator("tbody .total").first().boundingBox();
            assert.ok(total!.x > before!.x && total!.x + total!.width <= 360, "the total is seen");
          }),
      );

      await t.step(
        "downloads by a click the candles that the database has",
        () =>
          visit({}, async ({ page }) => {
            await page.goto(PATH);
            for (const interval of ["1h", "1week"]) {
              const [file] = await Promise.all([
                page.waitForEvent("download"),
                page.getByRole("link", { name: `Download AAPL-${interval}.csv` }).click(),
              ]);
              assert.equal(file.suggestedFilename(), `AAPL-${interval}.csv`);
              const text = await Deno.readTextFile(await file.path());
              const rows = text.trimEnd().split("\n").slice(1).map((line) => line.split(","));
              const stored = await sql<{ at: Date; close: string }[]>`
                select c.opened_at as at, c.close
                from market.all_candles c
                join market.instruments i on i.id = c.instrument_id
                where i.symbol = 'AAPL' and c.candle_interval = ${interval}
                order by c.opened_at`;
              assert.ok(stored.length > 50, `${stored.length} candles of ${interval}`);
              assert.deepEqual(
                rows.map((row) => [row[3], row[7]]),
                stored.map(({ at, close }) => [at.toISOString().replace(".000Z", "Z"), close]),
              );
            }
          }),
      );

      for (const theme of ["light", "dark"] satisfies Theme[]) {
        await t.step(
          `keeps nobody out, with its tables open, ${theme}`,
          () =>
            visit({ theme }, async ({ page }) => {
              for (const path of [PATH, "/instruments/ETH-USD?stats=all"]) {
                await page.goto(path);
                await chartsAreDrawn(page);
                await openTables(page);
                await assertOpenToAll(page, path);
              }
            }),
        );
      }

      await t.step(
        "is readable without JavaScript",
        () =>
          visit({ javaScriptEnabled: false }, async ({ page }) => {
            await page.goto(PATH);
            assert.equal(await page.locator(".statistics .bars").first().isVisible(), false);
            assert.equal(await openTables(page), 6);
            const row = page.locator("[aria-labelledby=distribution] tbody tr").first();
            const [first] = await bucketsOf(sql, "AAPL", "1y");
            assert.equal(await row.locator("data").getAttribute("value"), `${first!.returnCount}`);
            assert.equal(await page.locator(".months tbody .heat").first().isVisible(), true);
            await page.getByRole("link", { name: "30 days" }).click();
            await page.getByText("The last 30 days:").waitFor();
          }),
      );
    } finally {
      await browser.close();
      await close();
    }
  },
});
