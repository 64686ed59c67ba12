/** What a person does on the overview and on the pages of classes, with a script and without one. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { listOverview, type OverviewRow } from "../../db/overview.ts";
import {
  assertFits,
  assertOpenToAll,
  chartsAreDrawn,
  launchBrowser,
  type Theme,
  visitor,
} from "../support/browser.ts";
import { NOW, serveFilledSite, SYMBOLS } from "../support/site.ts";

/** Symbols of the rows that are shown, in their order. */
const shown = (page: Page, id: "instruments" | "watchlist" = "instruments") =>
  page.locator(`#${id} tr[data-slug]:visible .symbol`).allInnerTexts();

const star = (page: Page, symbol: string, id: "instruments" | "watchlist" = "instruments") =>
  page.locator(`#${id}`).getByRole("button", { name: `Star ${symbol}` });

/** Waits until the rows that are shown are these. */
async function seeRows(page: Page, symbols: string[], id?: "instruments" | "watchlist") {
  const seen = `${id ?? "instruments"}:${symbols.join()}`;
  await page.waitForFunction((wanted) => {
    const [id, symbols] = wanted.split(":");
    const rows = [...document.querySelectorAll<HTMLElement>(`#${id} tr[data-slug]`)];
    return rows.filter((row) => row.checkVisibility())
      .map((row) => row.querySelector(".symbol")!.textContent).join() === symbols;
  }, seen).catch(async () => assert.deepEqual(await shown(page, id), symbols));
}

/** Until the islands of the page listen. */
async function isAlive(page: Page): Promise<void> {
  const filter = page.locator("honox-island[component-name*=TableFilter]");
  await filter.scrollIntoViewIfNeeded();
  // Preact hangs its listeners on the elements that it has made its own.
  await page.waitForFunction(() =>
    ["TableFilter", "MarketPage"].every((name) => {
      const island = document.querySelector(`honox-island[component-name*=${name}]`);
      return Object.keys(island ?? {}).length + Object.getOwnPropertySymbols(island ?? {}).length >
        0;
    })
  );
}

/** Marks the document, so that {@linkcode assertNotReloaded} can tell. */
const mark = (page: Page) => page.evaluate(() => void Object.assign(globalThis, { isSame: true }));
const assertNotReloaded = async (page: Page) =>
  assert.equal(
    await page.evaluate(() => "isSame" in globalThis),
    true,
    "the page was loaded again",
  );

Deno.test({
  name: "A browser on the market's pages",
  // Chromium's pipes and the worker of PGlite end on their own time.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const { baseUrl, database, close } = await serveFilledSite();
    const browser = await launchBrowser();
    const visit = visitor(browser, baseUrl);
    const rows = await listOverview(database.sql, "simulator", NOW);
    const usual = ["AAPL", "AMZN", "GOOGL", "META", "BTC/USD", "ETH/USD", "SOL/USD", "EUR/USD"];
    const ranked = (value: (row: OverviewRow) => number | null) =>
      rows.toSorted((a, b) => value(b)! - value(a)!).map(({ symbol }) => symbol);
    const byWeek = ranked((row) => row.change7dPercent);
    try {
      await t.step(
        "sorts in place, and finds each order again on the way back",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/");
            await isAlive(page);
            await mark(page);
            const scrolled = await page.evaluate(() => (scrollTo(0, 200), scrollY));
            const head = page.locator("#instruments").getByRole("link", { name: "7 d" });
            await head.click();
            await seeRows(page, byWeek);
            assert.match(page.url(), /\/\?sort=change_7d&dir=desc$/);
            assert.equal(await page.evaluate(() => scrollY), scrolled);
            const focused = await page.evaluate(() => document.activeElement?.textContent);
            assert.equal(focused, "7 d▼", "the focus stays where the click was");
            const sorted = page.locator("#instruments th[aria-sort=descending]");
            assert.equal(await sorted.textContent(), "7 d▼");
            await isAlive(page);
            await head.click();
            await seeRows(page, byWeek.toReversed());
            await page.goBack();
            await seeRows(page, byWeek);
            await page.goBack();
            await seeRows(page, usual);
            await page.goForward();
            await seeRows(page, byWeek);
            await page.getByRole("link", { name: "Group by kind" }).click();
            await seeRows(page, usual);
            assert.equal(new URL(page.url()).search, "");
            const part = await page.evaluate(() => document.activeElement?.id);
            assert.equal(part, "instruments", "the focus stays where the link was");
            await assertNotReloaded(page);
          }),
      );

      await t.step(
        "filters while typing, and finds the filter again on the way back",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/?span=7d");
            await isAlive(page);
            await mark(page);
            const search = page.getByRole("searchbox", { name: "Symbol or name" });
            await search.pressSequentially("us do");
            await seeRows(page, ["BTC/USD", "ETH/USD", "SOL/USD", "EUR/USD"]);
            await page.getByText("4 of 8 instruments").waitFor();
            assert.equal(await page.locator("#instruments .group:visible").count(), 2);
            await page.getByLabel("Kind").selectOption("Crypto");
            await seeRows(page, ["BTC/USD", "ETH/USD", "SOL/USD"]);
            await page.waitForURL("**/?span=7d&q=us+do&kind=crypto");
            // A link that sorts leads on with what was typed.
            await page.locator("#instruments").getByRole("link", { name: "Instrument" }).click();
            await page.waitForURL(({ searchParams }) => searchParams.get("sort") === "symbol");
            assert.match(page.url(), /q=us\+do&kind=crypto/);
            await seeRows(page, ["BTC/USD", "ETH/USD", "SOL/USD"]);
            await assertNotReloaded(page);

            await page.locator("#instruments").getByRole("link", { name: "ETH/USD" }).click();
            await page.waitForURL("**/instruments/ETH-USD");
            await page.goBack();
            await seeRows(page, ["BTC/USD", "ETH/USD", "SOL/USD"]);
            assert.equal(await search.inputValue(), "us do");
            await isAlive(page);
            await search.fill("nothing like it");
            await page.getByText("No instrument matches").waitFor();
            await seeRows(page, []);
            await page.getByRole("link", { name: "show all 8" }).click();
            await page.waitForURL("**/?span=7d&sort=symbol&dir=asc");
            await seeRows(page, usual.toSorted());
          }),
      );

      await t.step(
        "stars, sees it on top and again after a reload, and takes it off",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/");
            await isAlive(page);
            await mark(page);
            await page.getByText("Empty: the star before an instrument").waitFor();
            for (const symbol of ["ETH/USD", "AAPL"]) {
              await star(page, symbol).click();
              await page.getByText(`${symbol} is on the watchlist`).waitFor({ state: "attached" });
            }
            await seeRows(page, ["ETH/USD", "AAPL"], "watchlist");
            assert.equal(await page.getByText("Empty: the star").isVisible(), false);
            assert.equal(await star(page, "AAPL").getAttribute("aria-pressed"), "true");
            await assertNotReloaded(page);

            await page.reload();
            await seeRows(page, ["ETH/USD", "AAPL"], "watchlist");
            await isAlive(page);
            await page.locator("#instruments").getByRole("link", { name: "Price" }).click();
            await page.waitForURL("**/?sort=price&dir=desc");
            assert.equal(await star(page, "ETH/USD").getAttribute("aria-pressed"), "true");
            await star(page, "ETH/USD", "watchlist").press("Enter");
            await seeRows(page, ["AAPL"], "watchlist");
            assert.equal(await star(page, "ETH/USD").getAttribute("aria-pressed"), "false");
            const focused = await page.evaluate(() => document.activeElement?.ariaLabel);
            assert.equal(focused, "Star ETH/USD", "the focus goes to its star below");
            await star(page, "AAPL").click();
            await page.getByText("Empty: the star before an instrument").waitFor();
            await page.reload();
            await seeRows(page, [], "watchlist");
          }),
      );

      await t.step(
        "changes the span of the whole page, and follows a tile of the heatmap",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/");
            await isAlive(page);
            await mark(page);
            const spans = page.getByRole("navigation", { name: "Span" });
            await spans.getByRole("link", { name: "30 d" }).click();
            await page.waitForURL("**/?span=30d");
            await page.getByText("Change over 30 days, %").waitFor();
            assert.equal(await spans.locator("[aria-current]").innerText(), "30 d");
            const steps = await page.evaluate(() => history.length);
            await page.evaluate(() =>
              document.addEventListener("chandlery:part-shown", () => document.title = "again")
            );
            await spans.getByRole("link", { name: "30 d" }).click();
            await page.waitForFunction(() => document.title === "again");
            assert.equal(await page.evaluate(() => history.length), steps, "it is there already");
            const best = ranked((row) => row.change30dPercent)[0]!;
            const tile = page.locator(".tile", { hasText: "Best performer, 30 d" });
            assert.ok((await tile.innerText()).includes(best));
            await chartsAreDrawn(page);
            assert.equal(await page.locator(".named .x text").first().textContent(), best);
            await assertNotReloaded(page);
            const hot = page.locator(".heatmap a").first();
            const symbol = await hot.locator("strong").innerText();
            await hot.click();
            await page.getByRole("heading", { level: 1, name: symbol }).waitFor();
            await page.goBack();
            await page.getByText("Change over 30 days, %").waitFor();
            await page.goBack();
            await page.getByText("Change over 24 h, %").waitFor();
          }),
      );

      await t.step(
        "changes the window of a class and the instrument of its averages",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/crypto");
            await isAlive(page);
            await mark(page);
            const table = page.locator("[aria-labelledby=trend] details");
            await table.locator("summary").click();
            const before = await table.locator("summary").innerText();
            await page.getByRole("link", { name: "1 year" }).click();
            await page.waitForURL("**/crypto?range=1y");
            await chartsAreDrawn(page);
            assert.notEqual(await table.locator("summary").innerText(), before, "other rows");
            assert.equal(await page.locator("#live details[open]").count(), 1, "one stays open");
            assert.equal(await table.locator("tbody").isVisible(), true);
            assert.equal(await page.locator(".line-graph-path").count(), 4 + 3);
            await page.locator("#averages").getByRole("link", { name: "SOL/USD" }).click();
            await page.waitForURL("**/crypto?range=1y&symbol=SOL-USD");
            await page.getByRole("heading", { name: "Moving averages of SOL/USD" }).waitFor();
            await chartsAreDrawn(page);
            await page.locator("#averages summary").click();
            const [close] = await database.sql<[{ close: string }]>`
            select c.close from market.candles_adjusted c
            join market.instruments i on i.id = c.instrument_id
            where i.symbol = 'SOL/USD' and c.candle_interval = '1day' and c.is_final
            order by c.opened_at desc limit 1`;
            const cell = page.locator("#averages tbody tr").first().locator("td").first();
            assert.equal(Number((await cell.innerText()).replace(",", "")), Number(close.close));
            await assertNotReloaded(page);
            await page.goBack();
            await page.getByRole("heading", { name: "Moving averages of BTC/USD" }).waitFor();
            await page.goBack();
            await page.waitForFunction(() =>
              document.querySelector("#range [aria-current]")?.textContent === "90 days"
            );
          }),
      );

      await t.step(
        "chooses an instrument, sorts and filters a class, and the address has all of it",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/crypto");
            await isAlive(page);
            await mark(page);
            const averages = page.locator("#averages");
            const isSearch = (...wanted: string[]) =>
              page.waitForURL(({ searchParams }) =>
                [...searchParams].map((pair) => pair.join("=")).sort().join() ===
                  wanted.sort().join()
              );
            await averages.getByRole("link", { name: "ETH/USD" }).click();
            await isSearch("symbol=ETH-USD");
            const search = page.getByRole("searchbox", { name: "Symbol or name" });
            await search.pressSequentially("usd");
            await isSearch("symbol=ETH-USD", "q=usd");
            await page.locator("#instruments").getByRole("link", { name: "7 d" }).click();
            await isSearch("symbol=ETH-USD", "q=usd", "sort=change_7d", "dir=desc");
            await averages.getByRole("link", { name: "SOL/USD" }).click();
            await isSearch("symbol=SOL-USD", "q=usd", "sort=change_7d", "dir=desc");
            await isAlive(page);
            await page.getByRole("link", { name: "Group by kind" }).click();
            await isSearch("symbol=SOL-USD", "q=usd");
            await page.getByRole("heading", { name: "Moving averages of SOL/USD" }).waitFor();
            await assertNotReloaded(page);
          }),
      );

      await t.step(
        "goes back and forward again before the answer is there",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/");
            await isAlive(page);
            await page.locator("#instruments").getByRole("link", { name: "7 d" }).click();
            await seeRows(page, byWeek);
            const answers: (() => Promise<void>)[] = [];
            await page.route(`${baseUrl}/`, (route) => void answers.push(() => route.continue()));
            const asked = page.waitForRequest(`${baseUrl}/`);
            await page.goBack();
            const request = await asked;
            assert.equal(await page.locator("#live").getAttribute("aria-busy"), "true");
            const aborted = page.waitForEvent("requestfailed", (failed) => failed === request);
            await page.goForward();
            await aborted;
            for (const answer of answers) await answer().catch(() => {});
            assert.equal(await page.locator("[aria-busy]").count(), 0);
            assert.match(page.url(), /sort=change_7d/);
            await seeRows(page, byWeek);
          }),
      );

      await t.step(
        "keeps what is typed while a sorted table is on its way",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/");
            await isAlive(page);
            const asked = Promise.withResolvers<() => Promise<void>>();
            await page.route(/sort=price/, (route) => asked.resolve(() => route.continue()));
            const search = page.getByRole("searchbox", { name: "Symbol or name" });
            await search.focus();
            await page.locator("#instruments").getByRole("link", { name: "Price" })
              .evaluate((link: HTMLElement) => link.click());
            const answer = await asked.promise;
            await search.focus();
            await page.keyboard.type("bitc");
            await answer();
            await page.waitForURL(({ searchParams }) => searchParams.get("sort") === "price");
            await seeRows(page, ["BTC/USD"]);
            assert.equal(await search.inputValue(), "bitc");
            await page.keyboard.type("oin");
            assert.equal(await search.inputValue(), "bitcoin");
          }),
      );

      await t.step(
        "tells no value where a line has none",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/crypto?range=all");
            await chartsAreDrawn(page);
            const { text, missing } = await unknownPoint(page);
            assert.deepEqual(text.map((value) => value === "–"), missing);
          }),
      );

      await t.step(
        "sorts on a phone, where most columns have no room",
        () =>
          visit({ width: 360 }, async ({ page }) => {
            await page.goto("/");
            await isAlive(page);
            await mark(page);
            await page.getByLabel("Sort by").selectOption("Change 7 d");
            await seeRows(page, byWeek);
            const heads = page.locator("#instruments thead th:visible");
            assert.deepEqual(await heads.allTextContents(), ["Instrument", "Price, age", "7 d▼"]);
            await isAlive(page);
            await page.getByLabel("Direction").selectOption("▲ up");
            await seeRows(page, byWeek.toReversed());
            await isAlive(page);
            await page.getByLabel("Sort by").selectOption("Symbol");
            await page.waitForURL("**/?sort=symbol&dir=asc");
            await isAlive(page);
            await page.getByLabel("Sort by").selectOption("Price");
            await page.waitForURL("**/?sort=price&dir=desc");
            await assertNotReloaded(page);
          }),
      );

      await t.step(
        "sorts, filters and stars by forms and links without a script",
        () =>
          visit({ javaScriptEnabled: false }, async ({ page }) => {
            await page.goto("/");
            await page.locator("#instruments").getByRole("link", { name: "7 d" }).click();
            await page.waitForURL("**/?sort=change_7d&dir=desc");
            assert.deepEqual(await shown(page), byWeek);
            await page.getByLabel("Symbol or name").fill("usd");
            await page.getByLabel("Kind").selectOption("Crypto");
            await page.getByRole("button", { name: "Show" }).click();
            await page.waitForURL("**/?q=usd&kind=crypto&sort=change_7d&dir=desc");
            const coins = byWeek.filter((symbol) => /BTC|ETH|SOL/.test(symbol));
            assert.deepEqual(await shown(page), coins);
            await star(page, "SOL/USD").click();
            await page.waitForURL("**/?q=usd&kind=crypto&sort=change_7d&dir=desc");
            assert.deepEqual(await shown(page, "watchlist"), ["SOL/USD"]);
            await page.goto("/crypto");
            assert.equal(await star(page, "SOL/USD").getAttribute("aria-pressed"), "true");
            await star(page, "SOL/USD").click();
            assert.equal(await star(page, "SOL/USD").getAttribute("aria-pressed"), "false");
            assert.equal(await page.locator(".lines").first().isVisible(), false, "no blank box");
            await page.locator("details summary").first().click();
            assert.ok(await page.locator("details[open] tbody tr").count() > 50);
          }),
      );

      const paths = ["/", "/?span=1y&sort=volume_24h", "/stocks", "/crypto?range=all", "/forex"];
      for (const theme of ["light", "dark"] satisfies Theme[]) {
        await t.step(
          `reads every step of the heatmap, ${theme}`,
          () =>
            visit({ theme }, async ({ page }) => {
              await page.goto("/");
              const contrasts = await heatContrasts(page);
              assert.equal(contrasts.length, 9);
              assert.ok(Math.min(...contrasts) >= 4.5, `contrasts are ${contrasts}`);
            }),
        );

        for (const width of [360, 1440] as const) {
          await t.step(
            `finds every page whole at ${width} px, ${theme}`,
            () =>
              visit({ theme, width }, async ({ page, context }) => {
                const watchlist = encodeURIComponent("META|BTC-USD");
                await context.addCookies([{ name: "watchlist", value: watchlist, url: baseUrl }]);
                for (const path of paths) {
                  const response = await page.goto(path);
                  assert.equal(response?.status(), 200, path);
                  await chartsAreDrawn(page);
                  await assertFits(page, path);
                  const hidden = await page.locator("#instruments .table-card").evaluate((card) =>
                    card.scrollWidth - card.clientWidth
                  );
                  assert.equal(hidden, 0, `nothing of the table of ${path} is out of sight`);
                }
                await page.goto("/");
                await assertOpenToAll(page, `a watchlist, ${width} px, ${theme}`);
              }),
          );
        }
      }
      assert.equal(rows.length, SYMBOLS.length);
    } finally {
      await browser.close();
      await close();
    }
  },
});

/** The contrast of text on each colour of the legend (WCAG 2.2): axe sees only those of tiles. */
async function heatContrasts(page: Page): Promise<number[]> {
  return await page.locator(".scale .heat").evaluateAll((swatches) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d")!;
    const luminance = (color: string) => {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((channel) => {
        const value = channel / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
    };
    return swatches.map((swatch) => {
      const { color, backgroundColor } = getComputedStyle(swatch);
      const [dark, light] = [luminance(color), luminance(backgroundColor)].sort((a, b) => a - b);
      return Number(((light! + 0.05) / (dark! + 0.05)).toFixed(2));
    });
  });
}

/** What is told, and what is missing, at the first place at which a line of the page lacks a value. */
async function unknownPoint(page: Page): Promise<{ text: string[]; missing: boolean[] }> {
  for (const island of await page.locator("honox-island[component-name*=LineChart]").all()) {
    const props = await island.getAttribute("data-serialized-props");
    const { labels, series }: {
      labels: string[];
      series: { values: (number | null)[] }[];
    } = JSON.parse(props!);
    const at = labels.findIndex((_, at) => series.some(({ values }) => values[at] === null));
    if (at < 0) continue;
    const chart = island.locator(".lines");
    const text = await chart.evaluate((chart, label) => {
      const { left, top, width, height } = chart.getBoundingClientRect();
      for (let x = left; x < left + width; x += 0.5) {
        const place = { clientX: x, clientY: top + height / 2, bubbles: true };
        chart.querySelector("svg")!.dispatchEvent(new MouseEvent("mousemove", place));
        if (chart.querySelector(".graph-svg-tip .title")?.textContent !== label) continue;
        return [...chart.querySelectorAll(".data-point-list strong")]
          .map((value) => value.textContent.trim());
      }
      return [];
    }, labels[at]!);
    return { text, missing: series.map(({ values }) => values[at] === null) };
  }
  throw new Error("Every line of the page has a value everywhere");
}
