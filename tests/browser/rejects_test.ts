/** What a person sees of rejects, and how they accept one: a real browser on the built site. */
import assert from "node:assert/strict";
import { ensureAdminToken, isAdminToken } from "../../db/admin.ts";
import { getReject } from "../../db/rejects.ts";
import {
  assertFits,
  assertOpenToAll,
  launchBrowser,
  type Theme,
  visitor,
} from "../support/browser.ts";
import { storeInstrument } from "../support/market.ts";
import { ROW, storeReject } from "../support/rejects.ts";
import { storeRun } from "../support/runs.ts";
import { NOW, type ServedSite, serveSite } from "../support/site.ts";

Deno.test({
  name: "A browser on the rejects",
  // Chromium's pipes and the worker of PGlite end on their own time.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    let id = 0;
    const site: ServedSite = await serveSite(async ({ sql }) => {
      const { id: instrumentId } = await storeInstrument(sql);
      id = await storeReject(sql, { instrumentId });
      await storeReject(sql, { instrumentId, payload: { ...ROW, close: "NaN" } });
      await storeReject(sql, { instrumentId, payload: "<p>".repeat(900), openedAt: null });
      await storeRun(sql, {
        startedAt: NOW,
        durationMs: 5,
        steps: [{ instrumentId, candlesFetched: 6, candlesInserted: 3, rowsRejected: 3 }],
      });
    }, { isAdmin: (given) => isAdminToken(site.database.sql, given) });
    const { sql } = site.database;
    const token = await ensureAdminToken(sql, NOW);
    const browser = await launchBrowser();
    const visit = visitor(browser, site.baseUrl);
    try {
      for (const theme of ["light", "dark"] satisfies Theme[]) {
        for (const width of [360, 1440] as const) {
          await t.step(
            `finds them whole and open to all at ${width} px, ${theme}`,
            () =>
              visit({ theme, width }, async ({ page }) => {
                await page.goto("/pipeline");
                await assertFits(page, "the pipeline");
                await page.getByRole("link", { name: "see the rejects" }).click();
                await page.getByText("Accept by hand").click();
                await page.getByLabel("Admin token").waitFor();
                await assertFits(page, "the rejects");
                await assertOpenToAll(page, `${theme}, ${width} px`);
              }),
          );
        }
      }

      await t.step(
        "accepts one without JavaScript, once the token is right",
        () =>
          visit({ javaScriptEnabled: false, refused: true }, async ({ page }) => {
            const send = async (given: string) => {
              await page.goto("/pipeline/rejects");
              await page.getByLabel("Instrument", { exact: true }).selectOption("BTC/USD");
              await page.getByRole("button", { name: "Show" }).click();
              await page.getByText("Accept by hand").click();
              await page.getByLabel("Admin token").fill(given);
              await page.getByRole("button", { name: "Accept" }).click();
            };
            await send("a guess");
            await page.getByRole("heading", { name: "Not accepted" }).waitFor();
            await page.getByText("this is not the admin token").waitFor();
            assert.equal((await getReject(sql, "simulator", id))?.acceptedAt, null);

            await send(token!);
            await page.getByText(`Reject #${id} is accepted`).waitFor();
            assert.match(page.url(), /instrument=BTC-USD/, "back where it was");
            await page.locator(`#reject-${id}`).getByText("Accepted by hand").waitFor();
            assert.equal((await getReject(sql, "simulator", id))?.stored?.close, ROW.close);
          }),
      );
    } finally {
      await browser.close();
      await site.close();
    }
  },
});
