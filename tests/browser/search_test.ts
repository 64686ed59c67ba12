/** Searching and moving about by keyboard, from every page. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import {
  assertFits,
  assertOpenToAll,
  launchBrowser,
  newPage,
  type Theme,
  visitor,
} from "../support/browser.ts";
import { serveFilledSite } from "../support/site.ts";

const THEMES = ["light", "dark"] satisfies Theme[];

/** Opens a page and waits until it listens to keys. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.waitForLoadState("networkidle");
}

const searchBox = (page: Page) => page.getByRole("combobox", { name: "Search instruments" });
const options = (page: Page) => page.getByRole("option");
const dialog = (page: Page) => page.getByRole("dialog", { name: "Keyboard shortcuts" });
const isFocused = (page: Page, selector: string) =>
  page.waitForFunction((selector) => document.activeElement?.matches(selector), selector);
const theme = (page: Page) => page.evaluate(() => document.documentElement.dataset.theme);

Deno.test({
  name: "A person at the keyboard",
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
          `searches from a page and arrives at the instrument, ${width} px`,
          () =>
            visit({ width }, async ({ page }) => {
              await open(page, "/pipeline");
              await page.keyboard.press("/");
              await isFocused(page, "#search");
              assert.equal(await searchBox(page).inputValue(), "", "the slash is not typed");
              await page.keyboard.type("dollar");
              await options(page).nth(3).waitFor();
              assert.equal(
                await page.locator(".search-box [role=status]").innerText(),
                "4 instruments",
              );
              assert.equal(await searchBox(page).getAttribute("aria-expanded"), "true");
              const chosen = async () =>
                await page.locator(".search-box [aria-selected=true] b").innerText();
              await page.keyboard.press("ArrowDown");
              assert.equal(await chosen(), "BTC/USD");
              await page.keyboard.press("End");
              assert.equal(await chosen(), "SOL/USD");
              await page.keyboard.press("ArrowDown");
              assert.equal(await chosen(), "BTC/USD", "around the end");
              await page.keyboard.press("ArrowUp");
              assert.equal(await chosen(), "SOL/USD");
              await page.keyboard.press("Home");
              await page.keyboard.press("ArrowDown");
              const active = await searchBox(page).getAttribute("aria-activedescendant");
              assert.match(await page.locator(`#${active}`).innerText(), /^ETH\/USD/);
              await page.keyboard.press("Enter");
              await page.waitForURL("**/instruments/ETH-USD");
            }),
        );
      }

      await t.step(
        "presses Enter on what is typed now, not on the choice of before",
        () =>
          visit({}, async ({ page }) => {
            await open(page, "/");
            await searchBox(page).fill("dollar");
            await options(page).nth(3).waitFor();
            await page.keyboard.press("ArrowDown");
            // Both keys in one task: the question about the new text is still to come.
            await searchBox(page).evaluate(async (input: HTMLInputElement) => {
              input.value = "bitc";
              input.dispatchEvent(new InputEvent("input", { bubbles: true }));
              await new Promise(requestAnimationFrame);
              const enter = { key: "Enter", bubbles: true, cancelable: true };
              if (input.dispatchEvent(new KeyboardEvent("keydown", enter))) {
                input.form!.requestSubmit();
              }
            });
            await page.waitForURL("**/search?q=bitc");
          }),
      );

      await t.step(
        "presses Enter without a choice, and a suggestion with the mouse",
        () =>
          visit({}, async ({ page }) => {
            await open(page, "/");
            await page.keyboard.press("Control+k");
            await page.keyboard.type("dollar");
            await page.keyboard.press("Enter");
            await page.waitForURL("**/search?q=dollar");
            await page.getByRole("link", { name: "SOL/USD" }).waitFor();
            await page.waitForLoadState("networkidle");
            await searchBox(page).fill("aapl");
            await options(page).first().click();
            await page.waitForURL("**/instruments/AAPL");
          }),
      );

      await t.step(
        "leaves the search with Escape, to where it came from",
        () =>
          visit({}, async ({ page }) => {
            await open(page, "/search?q=dollar");
            await page.getByRole("link", { name: "SOL/USD" }).focus();
            await page.keyboard.press("Control+k");
            await page.keyboard.type("eth");
            await options(page).first().waitFor();
            await page.keyboard.press("Escape");
            await options(page).first().waitFor({ state: "hidden" });
            assert.equal(await searchBox(page).inputValue(), "eth");
            await isFocused(page, "#search");
            await page.keyboard.press("Escape");
            await isFocused(page, 'a[href="/instruments/SOL-USD"]');
          }),
      );

      await t.step(
        "types a slash and a question mark into a field",
        () =>
          visit({}, async ({ page }) => {
            await open(page, "/search");
            await page.locator(".search-page input").focus();
            await page.keyboard.type("btc/?gpt");
            assert.equal(await page.locator(".search-page input").inputValue(), "btc/?gpt");
            assert.equal(await dialog(page).isVisible(), false);
            assert.equal(await theme(page), undefined);
          }),
      );

      await t.step("sees the answer to what was typed last, and that a search failed", async () => {
        // A request that fails, as here, is trouble in a visit.
        const { page, context } = await newPage(browser, { baseUrl });
        const held: (() => Promise<void>)[] = [];
        await page.route(/search=eth/, (route) => void held.push(() => route.continue()));
        await page.route(/search=broken/, (route) => route.abort());
        await open(page, "/");
        const asked = page.waitForRequest(/search=eth/);
        await searchBox(page).fill("eth");
        const request = await asked;
        const aborted = page.waitForEvent("requestfailed", (failed) => failed === request);
        await searchBox(page).fill("sol");
        await aborted;
        await options(page).first().waitFor();
        for (const answer of held) await answer().catch(() => {});
        assert.deepEqual(await options(page).locator("b").allInnerTexts(), ["SOL/USD"]);
        await searchBox(page).fill("zzzz");
        await page.getByText("Nothing found for zzzz").waitFor();
        await searchBox(page).fill("broken");
        await page.getByText("Suggestions failed to load").waitFor();
        await page.keyboard.press("Enter");
        await page.waitForURL("**/search?q=broken");
        await context.close();
      });

      await t.step(
        "reads the shortcuts and turns those of a single key off",
        () =>
          visit({}, async ({ page }) => {
            await open(page, "/pipeline");
            const link = page.getByRole("link", { name: "Rejected rows" });
            await link.focus();
            await page.keyboard.press("?");
            await dialog(page).waitFor();
            for (const text of ["Search", "Other theme", "g c", "Compare", "Home"]) {
              await dialog(page).getByText(text, { exact: true }).waitFor();
            }
            await page.keyboard.press("t");
            assert.equal(await theme(page), undefined, "the page waits behind the dialog");
            await page.keyboard.press("Escape");
            await dialog(page).waitFor({ state: "hidden" });
            await isFocused(page, 'a[href="/pipeline/rejects"]');

            await page.keyboard.press("?");
            await dialog(page).getByRole("checkbox").uncheck();
            await dialog(page).getByRole("button", { name: "Close" }).click();
            await page.keyboard.press("/");
            await page.keyboard.press("?");
            await page.keyboard.press("t");
            await isFocused(page, 'a[href="/pipeline/rejects"]');
            assert.equal(await theme(page), undefined);
            await open(page, "/");
            await page.keyboard.press("?");
            assert.equal(await dialog(page).isVisible(), false, "remembered");
            await page.keyboard.press("Control+k");
            await isFocused(page, "#search");

            await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
            await dialog(page).getByRole("checkbox").check();
            await page.keyboard.press("Escape");
            await isFocused(page, "[data-shortcuts]");
            await page.keyboard.press("/");
            await isFocused(page, "#search");
          }),
      );

      await t.step("changes the theme and goes to pages", () =>
        visit({}, async ({ page }) => {
          await open(page, "/pipeline");
          await page.getByRole("link", { name: "Rejected rows" }).focus();
          await page.keyboard.press("t");
          await page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
          await isFocused(page, 'a[href="/pipeline/rejects"]');
          await page.keyboard.press("t");
          await page.waitForFunction(() => document.documentElement.dataset.theme === undefined);
          await page.keyboard.press("g");
          await page.keyboard.press("x");
          await page.keyboard.press("m");
          await page.keyboard.press("g");
          await page.keyboard.press("o");
          await page.waitForURL("**/compare");
          await page.waitForLoadState("networkidle");
          await page.keyboard.press("g");
          await page.keyboard.press("p");
          await page.waitForURL("**/pipeline");
        }));

      for (const scheme of THEMES) {
        for (const width of [360, 1440] as const) {
          await t.step(
            `finds everything in its place at ${width} px, ${scheme}`,
            () =>
              visit({ theme: scheme, width }, async ({ page }) => {
                await open(page, "/pipeline");
                const current = await page.locator(".topbar nav .current").boundingBox();
                assert.ok(current!.x >= 0 && current!.x + current!.width <= width, "the section");
                for (const path of ["/search", "/search?q=zzzz"]) {
                  await open(page, path);
                  await assertFits(page, path);
                  await assertOpenToAll(page, path);
                }
                await searchBox(page).fill("usd");
                await options(page).first().waitFor();
                await page.keyboard.press("ArrowDown");
                await assertFits(page, "suggestions");
                const list = await page.locator("#search-list").boundingBox();
                assert.ok(list!.x >= 0 && list!.x + list!.width <= width, "the suggestions");
                await assertOpenToAll(page, "suggestions");
                await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
                await dialog(page).waitFor();
                await assertFits(page, "shortcuts");
                await assertOpenToAll(page, "shortcuts");
              }),
          );
        }
      }

      await t.step(
        "searches without JavaScript",
        () =>
          visit({ javaScriptEnabled: false }, async ({ page }) => {
            await page.goto("/");
            await searchBox(page).fill("dollar");
            await searchBox(page).press("Enter");
            await page.waitForURL("**/search?q=dollar");
            await page.getByRole("link", { name: "EUR/USD" }).waitFor();
            await searchBox(page).fill("btcusd");
            await searchBox(page).press("Enter");
            await page.waitForURL("**/instruments/BTC-USD");
          }),
      );
    } finally {
      await browser.close();
      await close();
    }
  },
});
