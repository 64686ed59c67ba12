/** What a person sees: a real browser on the built site over a filled database. */
import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { getFigures } from "../../db/analytics.ts";
import { getInstrumentBySymbol } from "../../db/instruments.ts";
import {
  chartsAreDrawn,
  launchBrowser,
  newPage,
  type OpenedPage,
  type Theme,
} from "../support/browser.ts";
import { NOW, serveFilledSite, SYMBOLS } from "../support/site.ts";

const PAGES = ["/", "/instruments/AAPL", "/instruments/BTC-USD?interval=1day", "/pipeline"];

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
          `sees candles of both colours on the canvas, ${theme}`,
          () =>
            visit({ theme }, async ({ page }) => {
              await page.goto("/instruments/AAPL?interval=1day");
              await chartsAreDrawn(page);
              const { up, down } = await countCandlePixels(page);
              assert.ok(up > 1000, `${up} pixels of rising candles`);
              assert.ok(down > 1000, `${down} pixels of falling candles`);
            }),
        );

        for (const width of [360, 1440] as const) {
          await t.step(
            `finds every page whole at ${width} px, ${theme}`,
            () =>
              visit({ theme, width }, async ({ page }) => {
                for (const path of PAGES) {
                  const response = await page.goto(path);
                  assert.equal(response?.status(), 200, path);
                  await chartsAreDrawn(page);
                  const overflow = await page.evaluate(() =>
                    document.documentElement.scrollWidth - document.documentElement.clientWidth
                  );
                  assert.equal(overflow, 0, `${path} is ${overflow} px too wide`);
                  const scheme = await page.evaluate(() =>
                    getComputedStyle(document.body).backgroundColor
                  );
                  assert.equal(scheme === "rgb(14, 19, 25)", theme === "dark", path);
                }
              }),
          );
        }
      }

      await t.step("finds nothing that keeps anyone out, in both themes", async () => {
        for (const theme of ["light", "dark"] satisfies Theme[]) {
          await visit({ theme }, async ({ page }) => {
            for (const path of PAGES) {
              await page.goto(path);
              await chartsAreDrawn(page);
              // Otherwise axe opens a second tab, and a page behind it draws nothing.
              const axe = new AxeBuilder({ page }).setLegacyMode();
              const { violations } = await axe.analyze();
              const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
              assert.deepEqual(found, [], `${path}, ${theme}`);
            }
          });
        }
      });

      await t.step(
        "sees a bar for each mover and each daily return, and reads one",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/");
            await chartsAreDrawn(page);
            const heights = await page.locator(".movers .bar").evaluateAll((bars) =>
              bars.map((bar) => bar.getBoundingClientRect().height)
            );
            assert.equal(heights.length, SYMBOLS.length);
            assert.ok(Math.max(...heights) > 40, `the highest bar has ${Math.max(...heights)} px`);
            await page.locator(".movers .bar").first().hover({ force: true });
            const tip = page.locator(".movers .graph-svg-tip");
            await tip.getByText(/^[+−]\d+\.\d\d %$/).waitFor();

            await page.goto("/instruments/EUR-USD");
            await chartsAreDrawn(page);
            assert.equal(await page.locator(".returns .bar").count(), 60);
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
        "reads tables and figures without JavaScript",
        () =>
          visit({ javaScriptEnabled: false }, async ({ page }) => {
            await page.goto("/");
            assert.equal(await page.locator(".overview tbody tr:not(.group)").count(), 8);
            assert.equal(await page.locator(".overview .sparkline").count(), 8);
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

type VisitOptions = Omit<Parameters<typeof newPage>[1], "baseUrl">;

/** Opens a page, does `fn`, and fails when the page met an error or reached for another host. */
function visitor(browser: Browser, baseUrl: string) {
  return async (options: VisitOptions, fn: (opened: OpenedPage) => Promise<void>) => {
    const opened = await newPage(browser, { baseUrl, ...options });
    try {
      await fn(opened).catch((cause) => {
        throw new Error(`The visit failed; seen: ${JSON.stringify(opened.trouble)}`, { cause });
      });
      assert.deepEqual(opened.trouble, {
        consoleErrors: [],
        failedRequests: [],
        foreignRequests: [],
      });
    } finally {
      await opened.context.close();
    }
  };
}

/** Pixels of the price chart that have the very colours of rising and of falling candles. */
async function countCandlePixels(page: Page): Promise<{ up: number; down: number }> {
  return await page.evaluate(() => {
    const chart = document.querySelector(".price-chart")!;
    const styles = getComputedStyle(chart);
    const rgb = (name: string) => {
      const hex = styles.getPropertyValue(name).trim().slice(1);
      return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
    };
    const colors = { up: rgb("--up-mark"), down: rgb("--down-mark") };
    const counts = { up: 0, down: 0 };
    for (const canvas of chart.querySelectorAll("canvas")) {
      if (canvas.width === 0 || canvas.height === 0) continue;
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length; at += 4) {
        for (const name of ["up", "down"] as const) {
          if (colors[name].every((value, channel) => data[at + channel] === value)) counts[name]++;
        }
      }
    }
    return counts;
  });
}
