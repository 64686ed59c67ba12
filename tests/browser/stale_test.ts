/** What a person sees of an overview whose candles came to a stop: a real browser on the built site. */
import assert from "node:assert/strict";
import { assertFits, assertOpenToAll, launchBrowser, visitor } from "../support/browser.ts";
import { NOW, serveFilledSite, SYMBOLS } from "../support/site.ts";

/** The age of its prices is as wide then as ages get. */
const LATER = new Date(NOW.getTime() + (9 * 60 + 13) * 60_000);

Deno.test({
  name: "A browser on an overview that is stale",
  // Chromium's pipes and the worker of PGlite end on their own time.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const { baseUrl, close } = await serveFilledSite({ now: () => LATER });
    const browser = await launchBrowser();
    const visit = visitor(browser, baseUrl);
    try {
      for (const theme of ["light", "dark"] as const) {
        for (const width of [360, 1440] as const) {
          await t.step(
            `sees each badge whole at ${width} px, ${theme}`,
            () =>
              visit({ theme, width }, async ({ page }) => {
                await page.goto("/");
                const badges = page.locator(".overview .badge", { hasText: "stale" });
                assert.equal(await badges.count(), SYMBOLS.length);
                await assertFits(page, "/");
                const hidden = await page.locator("#instruments .table-card").evaluate((card) =>
                  card.scrollWidth - card.clientWidth
                );
                assert.equal(hidden, 0, "nothing of the table is out of sight");
                await assertOpenToAll(page, `${theme} ${width}`);
              }),
          );
        }
      }
    } finally {
      await browser.close();
      await close();
    }
  },
});
