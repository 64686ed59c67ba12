/** What a person sees: a real browser on the built site over a filled database. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { formatPercent } from "../../components/format.ts";
import { getFigures } from "../../db/analytics.ts";
import { listCandles } from "../../db/candles.ts";
import type { Sql } from "../../db/connect.ts";
import { getInstrumentBySymbol } from "../../db/instruments.ts";
import { listOverview } from "../../db/overview.ts";
import {
  assertFits,
  assertOpenToAll,
  chartsAreDrawn,
  launchBrowser,
  newPage,
  type Theme,
  VIEWPORTS,
  visitor,
} from "../support/browser.ts";
import { PAGES } from "../support/pages.ts";
import { NOW, serveFilledSite, SYMBOLS } from "../support/site.ts";

const LONG = "long".repeat(35);
/** Addresses that are refused, with words that nothing breaks by itself. */
const REFUSED = [
  ["/instruments/AAPL?interval=bogus", 400],
  [`/instruments/AAPL?interval=${LONG}`, 400],
  [`/pipeline?run=${LONG}`, 400],
  ["/pipeline?run=999999999", 404],
  [`/${LONG}`, 404],
  [`/instruments/${LONG}`, 404],
  [`/instruments/${LONG}/USD`, 404],
] as const;

Deno.test({
  name: "A browser on the site",
  // Chromium's pipes and the worker of PGlite end on their own time.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const { baseUrl, database, close } = await serveFilledSite();
    const browser = await launchBrowser();
    const visit = visitor(browser, baseUrl);
    try {
      await t.step(
        "follows a link from the market to an instrument and reads its price",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/");
            await page.getByRole("link", { name: "BTC/USD" }).last().click();
            await page.waitForURL("**/instruments/BTC-USD");
            await page.getByRole("heading", { level: 1, name: "BTC/USD" }).waitFor();
            const bitcoin = await getInstrumentBySymbol(database.sql, "simulator", "BTC/USD");
            const { price } = await getFigures(database.sql, bitcoin!.id, NOW);
            const shown = page.locator(".headline-price data");
            assert.equal(await shown.getAttribute("value"), price);
            assert.equal(
              Number((await shown.innerText()).replaceAll(",", "")),
              Number(Number(price).toFixed(2)),
            );
          }),
      );

      for (const theme of ["light", "dark"] satisfies Theme[]) {
        await t.step(
          `sees each of the newest candles in its colour, with its volume, ${theme}`,
          () =>
            visit({ theme }, async ({ page }) => {
              const days = await listDays(database.sql, "AAPL");
              await page.goto("/instruments/AAPL?interval=1day");
              await chartsAreDrawn(page);
              const { bars, volume } = await readCandles(page);
              const directions = days.slice(-bars.length).map(({ open, close }) =>
                Number(close) < Number(open) ? "down" : "up"
              );
              assert.ok(bars.length > 100, `${bars.length} candles are in sight`);
              assert.deepEqual(bars, directions);
              assert.deepEqual(volume, directions, "the volume below");
            }),
        );

        await t.step(
          `sees no volume where none is reported, ${theme}`,
          () =>
            visit({ theme }, async ({ page }) => {
              await page.goto("/instruments/BTC-USD?interval=1day");
              await chartsAreDrawn(page);
              const { volume } = await readCandles(page);
              assert.deepEqual(volume.filter((direction) => direction !== null), []);
            }),
        );

        await t.step(
          `finds every page whole at both widths and open to all, ${theme}`,
          () =>
            visit({ theme }, async ({ page }) => {
              for (const path of PAGES) {
                await page.setViewportSize(VIEWPORTS[1440]);
                const response = await page.goto(path);
                assert.equal(response?.status(), 200, path);
                await chartsAreDrawn(page);
                await assertFits(page, path);
                await assertOpenToAll(page, path);
                const scheme = await page.evaluate(() =>
                  getComputedStyle(document.body).backgroundColor
                );
                assert.equal(scheme === "rgb(14, 19, 25)", theme === "dark", path);
                await page.setViewportSize(VIEWPORTS[360]);
                // Charts are drawn anew for the new width a frame later.
                await page.waitForFunction(() =>
                  document.documentElement.scrollWidth <= document.documentElement.clientWidth
                ).catch(() => {});
                await assertFits(page, path);
              }
            }),
        );
      }

      await t.step(
        "finds pages whole on the largest screen, with charts in the size of their text",
        () =>
          visit({ width: 3840 }, async ({ page }) => {
            for (const path of ["/", "/crypto", "/compare?symbols=AAPL,BTC-USD"]) {
              await page.goto(path);
              await chartsAreDrawn(page);
              await assertFits(page, path);
              const chart = page.locator(":is(.bars, .lines):has(svg)").first();
              const { box, svg, label, names } = await chart.evaluate((chart) => {
                const inChart = (selector: string) => chart.querySelector(selector)!;
                const edge = chart.getBoundingClientRect();
                return {
                  box: chart.clientHeight,
                  svg: inChart("svg").getBoundingClientRect().height,
                  label: getComputedStyle(inChart("text")).fontSize,
                  names: [...chart.querySelectorAll("text")].map((text) =>
                    text.getBoundingClientRect()
                  ).filter(({ left, bottom }) => left < edge.left || bottom > edge.bottom).length,
                };
              });
              assert.deepEqual({ box, svg, label, names }, {
                box: 390,
                svg: 390,
                label: "16.5px",
                names: 0,
              }, path);
            }
            await page.goto("/instruments/AAPL");
            await chartsAreDrawn(page);
            await assertFits(page, "/instruments/AAPL");
            assert.equal((await page.locator(".price-chart").boundingBox())!.height, 840);
            const overlaps = await page.locator(".chart-container").evaluateAll((charts) =>
              charts.flatMap((chart) => {
                const names = [...chart.querySelectorAll(".x text")]
                  .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
                  .filter(({ box }) => box.width > 0);
                return names.filter(({ box }, at) => box.left < (names[at - 1]?.box.right ?? 0))
                  .map(({ text }) => text);
              })
            );
            assert.deepEqual(overlaps, [], "names that lie on the one before");
          }),
      );

      for (const width of [360, 1440] as const) {
        await t.step(
          `finds every refusal whole at ${width} px`,
          () =>
            visit({ width, refused: true }, async ({ page }) => {
              for (const [path, status] of REFUSED) {
                const response = await page.goto(path);
                assert.equal(response?.status(), status, path);
                await assertFits(page, path);
              }
            }),
        );
      }

      await t.step(
        "sees a bar for each mover and each daily return, and reads one",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/");
            await chartsAreDrawn(page);
            const heights = await page.locator(".named .bar").evaluateAll((bars) =>
              bars.map((bar) => bar.getBoundingClientRect().height)
            );
            assert.equal(heights.length, SYMBOLS.length);
            assert.ok(Math.max(...heights) > 40, `the highest bar has ${Math.max(...heights)} px`);
            await page.locator(".named .bar").first().hover({ force: true });
            const tip = page.locator(".named .graph-svg-tip");
            const overview = await listOverview(database.sql, "simulator", NOW);
            const best = Math.max(...overview.map((row) => row.change24hPercent!));
            await tip.getByText(formatPercent(best), { exact: true }).waitFor();
            assert.equal(
              await page.locator(".named .bar.up").count(),
              overview.filter((row) => row.change24hPercent! >= 0).length,
            );

            await page.goto("/instruments/EUR-USD");
            await chartsAreDrawn(page);
            assert.equal(await page.locator("[aria-labelledby=returns] .bar").count(), 60);
          }),
      );

      await t.step(
        "changes the interval by a link that can be shared",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/instruments/AAPL");
            await page.getByRole("link", { name: "1 day" }).click();
            await page.waitForURL("**/instruments/AAPL?interval=1day");
            await chartsAreDrawn(page);
            await page.getByText("candles as a table").click();
            const day = page.locator("details[open] tbody th time").first();
            assert.match(await day.innerText(), /^\d{4}-\d\d-\d\d$/);
          }),
      );

      await t.step(
        "follows the system from light to dark while it looks",
        () =>
          visit({ theme: "light" }, async ({ page }) => {
            await page.goto("/instruments/AAPL");
            await chartsAreDrawn(page);
            await page.emulateMedia({ colorScheme: "dark" });
            await page.waitForFunction(() => {
              const canvas = document.querySelector<HTMLCanvasElement>(".price-chart canvas");
              const [red = 255] = canvas?.getContext("2d")?.getImageData(2, 2, 1, 1).data ?? [];
              return red < 60;
            });
          }),
      );

      await t.step(
        "has its keys wherever the page is scrolled to",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/pipeline#steps");
            await page.waitForFunction(() => scrollY > 400);
            await page.locator(".site-footer [data-shortcuts]").waitFor();
            await page.waitForLoadState("networkidle");
            await page.keyboard.press("?");
            await page.locator("dialog.shortcuts[open]").waitFor();
          }),
      );

      await t.step("is told when a part of the page does not come alive", async () => {
        const { page, context, trouble } = await newPage(browser, { baseUrl });
        const gate = Promise.withResolvers<void>();
        await page.route(/BarChart/, async (route) => {
          await gate.promise;
          await route.abort();
        });
        const stand = () =>
          page.locator(".bars").evaluate((bars) => getComputedStyle(bars, "::before").content);
        await page.goto("/");
        await page.locator(".bars").scrollIntoViewIfNeeded();
        assert.equal(await stand(), '"Loading the chart…"');
        gate.resolve();
        await page.getByText("This part did not come alive.").waitFor();
        assert.equal(await stand(), "none", "nothing is on its way");
        assert.ok(
          trouble.consoleErrors.some((error) => /BarChart/.test(error)),
          "its cause is told",
        );
        await context.close();
      });

      await t.step(
        "reads tables and figures without JavaScript",
        () =>
          visit({ javaScriptEnabled: false }, async ({ page }) => {
            await page.goto("/");
            assert.equal(await page.locator(".overview tbody tr:not(.group)").count(), 8);
            assert.equal(await page.locator(".overview .sparkline").count(), 8);
            assert.equal(await page.locator(".named").isVisible(), false, "no blank box");
            await page.locator("noscript .chart-note").waitFor();
            await page.goto("/instruments/AAPL");
            await page.getByText("candles as a table").click();
            assert.equal(await page.locator("details[open] tbody tr").first().isVisible(), true);
          }),
      );
    } finally {
      await browser.close();
      await close();
    }
  },
});

/** The daily candles that the chart of an instrument is given. */
async function listDays(sql: Sql, symbol: string) {
  const instrument = await getInstrumentBySymbol(sql, "simulator", symbol);
  return await listCandles(sql, instrument!.id, "1day", { to: NOW, limit: 750 });
}

type Direction = "up" | "down" | null;

/**
 * The colours of the candles in sight, oldest first, and of what is drawn below each as its volume;
 * null is neither colour. Bars lie evenly, so one is looked for every so many pixels to the left of
 * the newest.
 */
async function readCandles(page: Page): Promise<{ bars: Direction[]; volume: Direction[] }> {
  return await page.evaluate(() => {
    const BAR_SPACING = 7;
    const chart = document.querySelector(".price-chart")!;
    const probe = document.body.appendChild(document.createElement("i"));
    const channels = (name: string) => {
      probe.style.color = `var(${name})`;
      const [red, green, blue, alpha = 1] = getComputedStyle(probe).color.match(/[\d.]+/g)!
        .map(Number);
      return [red!, green!, blue!, alpha * 255];
    };
    const surface = channels("--surface").slice(0, 3);
    const over = (color: number[]) =>
      surface.map((below, at) => below + (color[at]! - below) * (color[3] ?? 255) / 255);
    const marks = { up: over(channels("--up-mark")), down: over(channels("--down-mark")) };
    const soft = { up: over(channels("--up-soft")), down: over(channels("--down-soft")) };

    // The pane is the widest canvas; the one above it of the same size holds the cross hair.
    const widths = [...chart.querySelectorAll("canvas")].map((canvas) => canvas.width);
    const pane = [...chart.querySelectorAll("canvas")]
      .filter((canvas) => canvas.width === Math.max(...widths))
      .map((canvas) => ({
        width: canvas.width,
        height: canvas.height,
        data: canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height).data,
      }))
      .find(({ width, height, data }) => data[(width * height - 1) * 4 + 3]! > 0)!;

    /** Pixels of a column that have a colour, the blend of a translucent one rounded as it may be. */
    const count = (x: number, color: number[]) => {
      let found = 0;
      for (let y = 0; y < pane.height; y++) {
        const at = (y * pane.width + x) * 4;
        if (color.every((value, channel) => Math.abs(value - pane.data[at + channel]!) <= 1.5)) {
          found++;
        }
      }
      return found;
    };
    const directionAt = (x: number, colors: { up: number[]; down: number[] }, least: number) => {
      const up = count(x, colors.up);
      const down = count(x, colors.down);
      return Math.max(up, down) < least ? null : up > down ? "up" : "down";
    };
    const isBar = (x: number) => directionAt(x, marks, 3) !== null;
    let right = pane.width - 1;
    while (right > 0 && !isBar(right)) right--;
    let left = right;
    while (isBar(left - 1)) left--;
    const bars: Direction[] = [];
    const volume: Direction[] = [];
    // A whole bar and what is drawn of its neighbour must be in sight.
    for (let x = Math.round((left + right) / 2); x >= BAR_SPACING; x -= BAR_SPACING) {
      bars.unshift(directionAt(x, marks, 3));
      // Beside the middle, where a line of the grid may shine through.
      volume.unshift(directionAt(x + 1, soft, 1));
    }
    return { bars, volume };
  });
}
