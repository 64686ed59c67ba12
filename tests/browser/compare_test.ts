/** Comparing instruments in a browser. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  assertFits,
  assertOpenToAll,
  chartsAreDrawn,
  launchBrowser,
  newPage,
  type Theme,
  visitor,
} from "../support/browser.ts";
import { serveFilledSite } from "../support/site.ts";

const ALL = "AAPL,GOOGL,AMZN,META,BTC-USD,ETH-USD,SOL-USD,EUR-USD";
const PAGES = [
  "/compare",
  "/compare?symbols=AAPL",
  `/compare?symbols=${ALL}&range=all`,
  "/compare?symbols=APPL,BTC-USD,EUR-USD&range=30d&window=90",
];

const addBox = (page: Page) => page.getByRole("combobox", { name: "Instrument to add" });
const lines = (page: Page) => page.locator("section[aria-labelledby=lines] .line-graph-path");
const compared = (page: Page) => page.locator(".compared-list a:not(.remove)").allInnerTexts();

Deno.test({
  name: "A comparison in a browser",
  // Chromium's pipes and the worker of PGlite end on their own time.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const { baseUrl, close } = await serveFilledSite();
    const browser = await launchBrowser();
    const visit = visitor(browser, baseUrl);
    try {
      for (const width of [360, 1440] as const) {
        await t.step(
          `grows by search as you type, shrinks by a link, and comes back, ${width} px`,
          () =>
            visit({ width }, async ({ page }) => {
              await page.goto("/compare");
              await page.waitForLoadState("networkidle");
              await addBox(page).fill("appl");
              await page.getByRole("option", { name: "AAPL" }).click();
              await page.waitForURL("**/compare?symbols=AAPL");
              await chartsAreDrawn(page);
              assert.equal(await lines(page).count(), 1);

              await addBox(page).focus();
              await page.keyboard.type("bitc");
              await page.getByRole("option", { name: "BTC/USD" }).waitFor();
              await page.keyboard.press("ArrowDown");
              await page.keyboard.press("Enter");
              await page.waitForURL("**/compare?symbols=AAPL,BTC-USD");
              await chartsAreDrawn(page);
              assert.equal(await lines(page).count(), 2);
              assert.deepEqual(await compared(page), ["AAPL", "BTC/USD"]);
              assert.equal(await page.locator(".scatter .dot").count(), 2);

              await page.getByRole("link", { name: "Remove AAPL" }).click();
              await page.waitForURL("**/compare?symbols=BTC-USD");
              assert.deepEqual(await compared(page), ["BTC/USD"]);
              await page.goBack();
              await page.waitForURL("**/compare?symbols=AAPL,BTC-USD");
              assert.deepEqual(await compared(page), ["AAPL", "BTC/USD"]);
            }),
        );
      }

      await t.step(
        "shows another pair, window and range, each in the address",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/compare?symbols=AAPL,BTC-USD,EUR-USD");
            await page.locator(".matrix tbody tr").nth(1).getByRole("link").last().click();
            await page.waitForURL(
              "**/compare?symbols=AAPL,BTC-USD,EUR-USD&pair=BTC-USD,EUR-USD#rolling",
            );
            await page.getByRole("heading", { name: "of BTC/USD and EUR/USD" }).waitFor();
            await page.getByRole("link", { name: "90 returns" }).click();
            await page.waitForURL("**&window=90#rolling");
            await page.getByRole("link", { name: "90 days" }).click();
            await page.waitForURL("**&range=90d&pair=BTC-USD,EUR-USD&window=90");
            await chartsAreDrawn(page);
            assert.equal(
              await page.locator("section[aria-labelledby=rolling] .line-graph-path").count(),
              1,
            );
          }),
      );

      await t.step(
        "has lines in the colours of their names, on an axis of round numbers",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/compare?symbols=AAPL,EUR-USD");
            await chartsAreDrawn(page);
            const colours = (selector: string, property: string) =>
              page.locator(selector).evaluateAll(
                (elements, property) =>
                  elements.map((element) => getComputedStyle(element).getPropertyValue(property)),
                property,
              );
            const drawn = await colours(
              "section[aria-labelledby=lines] .line-graph-path",
              "stroke",
            );
            assert.deepEqual(drawn, await colours(".swatch", "background-color"));
            assert.deepEqual(drawn, await colours(".scatter .dot", "fill"));
            assert.notEqual(drawn[0], drawn[1]);
            const ticks = await page.locator(".lines .y text").allTextContents();
            assert.ok(ticks.length > 6);
            assert.deepEqual(ticks.filter((tick) => !/^−?\d+(\.\d{1,2})?$/.test(tick)), []);
            assert.equal(await page.locator(".chart-legend").count(), 0, "the page has a legend");
          }),
      );

      await t.step("leads to the table where the chart does not load", async () => {
        // A request that fails, as here, is trouble in a visit.
        const { page, context } = await newPage(browser, { baseUrl });
        await page.route(/AxisChart/, (route) => route.abort());
        await page.goto("/compare?symbols=AAPL,BTC-USD");
        const section = page.locator("section[aria-labelledby=lines]");
        await section.getByText("The chart did not load; the table has the same values.").waitFor();
        assert.equal(await section.locator(".lines").count(), 0);
        await context.close();
      });

      for (const theme of ["light", "dark"] satisfies Theme[]) {
        for (const width of [360, 1440] as const) {
          await t.step(
            `is whole, and its suggestions are open to all, at ${width} px, ${theme}`,
            () =>
              visit({ theme, width }, async ({ page }) => {
                for (const path of PAGES) {
                  await page.goto(path);
                  await chartsAreDrawn(page);
                  await assertFits(page, path);
                  assert.deepEqual(await overlaps(page), [], `names in the chart of ${path}`);
                }
                await addBox(page).fill("usd");
                await page.getByRole("option").first().waitFor();
                await page.keyboard.press("ArrowDown");
                await assertFits(page, "suggestions");
                await assertOpenToAll(page, "suggestions");
              }),
          );
        }
      }

      await t.step(
        "works by forms and links without JavaScript",
        () =>
          visit({ javaScriptEnabled: false }, async ({ page }) => {
            await page.goto("/compare");
            await addBox(page).fill("AAPL");
            await page.getByRole("button", { name: "Add" }).click();
            await page.waitForURL("**/compare?symbols=AAPL");
            await addBox(page).fill("bitcoin");
            await addBox(page).press("Enter");
            await page.waitForURL("**/compare?symbols=AAPL,BTC-USD");
            await page.getByText("dates as a table").first().click();
            const day = page.locator("details[open] tbody tr").first();
            assert.match(await day.innerText(), /^\d{4}-\d\d-\d\d\s+\d+\.\d\d\s+\d+\.\d\d$/);
            assert.equal(await page.locator(".scatter .dot").count(), 2);
            await page.getByRole("link", { name: "Remove BTC/USD" }).click();
            await page.waitForURL("**/compare?symbols=AAPL");
          }),
      );
    } finally {
      await browser.close();
      await close();
    }
  },
});

/** The pairs of names in the chart of risk and return that lie on each other. */
async function overlaps(page: Page): Promise<string[]> {
  return await page.locator(".scatter .label").evaluateAll((labels) => {
    const boxes = labels.map((label) => ({
      name: label.textContent,
      box: label.getBoundingClientRect(),
    }));
    return boxes.flatMap((one, at) =>
      boxes.slice(at + 1).filter((other) =>
        one.box.left < other.box.right - 1 && other.box.left < one.box.right - 1 &&
        one.box.top < other.box.bottom - 1 && other.box.top < one.box.bottom - 1
      ).map((other) => `${one.name} on ${other.name}`)
    );
  });
}
