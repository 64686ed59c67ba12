/** What a person sees of the pipeline, and of a run that begins and ends before their eyes. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { finishRun, listRuns, recordStep, startRun } from "../../db/runs.ts";
import {
  assertFits,
  assertOpenToAll,
  chartsAreDrawn,
  launchBrowser,
  type Theme,
  visitor,
} from "../support/browser.ts";
import { SCHEDULE, storePast } from "../support/pipeline.ts";
import { STEP } from "../support/runs.ts";
import { NOW, serveFilledSite } from "../support/site.ts";

const creditPlan = { perMinute: 8, perDay: 800 };
const LATEST = "**/api/v1/runs/latest";

/** Resolves when the page shows it. A page that comes into sight asks at once, as it is told here to. */
async function watchUntil(page: Page, isSeen: (page: Page) => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!await isSeen(page)) {
    if (Date.now() > deadline) throw new Error("It was not seen within 30 s");
    await page.evaluate(async () => {
      document.dispatchEvent(new Event("visibilitychange"));
      await new Promise((painted) => requestAnimationFrame(painted));
    });
  }
}

function hasText(text: string | RegExp) {
  return (page: Page) => page.locator(".run-watch", { hasText: text }).count().then(Boolean);
}

Deno.test({
  name: "A browser on the pipeline",
  // Chromium's pipes and the worker of PGlite end on their own time.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const { baseUrl, database, close } = await serveFilledSite({ schedule: SCHEDULE, creditPlan });
    const { sql } = database;
    await storePast(sql);
    const runs = await listRuns(sql, "simulator", 40);
    const browser = await launchBrowser();
    const visit = visitor(browser, baseUrl);
    try {
      for (const theme of ["light", "dark"] satisfies Theme[]) {
        for (const width of [360, 1440] as const) {
          await t.step(
            `finds it whole and open to all at ${width} px, ${theme}`,
            () =>
              visit({ theme, width }, async ({ page }) => {
                await page.goto("/pipeline");
                assert.equal(await page.locator(".bars").count(), 3);
                await chartsAreDrawn(page);
                await page.getByText("Credits a day as a table").click();
                await assertFits(page, "/pipeline");
                await assertOpenToAll(page, `${theme}, ${width} px`);
              }),
          );
        }
      }

      await t.step(
        "points at a bar and reads the duration that the database has",
        () =>
          visit({}, async ({ page }) => {
            await page.goto("/pipeline");
            await chartsAreDrawn(page);
            const slow = runs.find(({ status }) => status === "failed")!;
            const fromOldest = runs.toReversed().indexOf(slow);
            const bar = page.locator(`.outcomes .dataset-2 .bar[data-point-index="${fromOldest}"]`);
            await bar.hover({ force: true });
            const tip = page.locator(".outcomes .graph-svg-tip");
            await tip.getByText(`#${slow.id}`).waitFor();
            const seconds = (slow.durationMs! / 1000).toFixed(2);
            assert.match(await tip.innerText(), new RegExp(`${seconds} s\\s+failed`));
            assert.match(await tip.innerText(), /0\.00 s\s+complete/);
          }),
      );

      await t.step("sees a run begin, move and end, and loses nothing of what it did", async () => {
        await visit({}, async ({ page }) => {
          // Far below what tells of the run, which must come alive all the same.
          await page.goto(`/pipeline?run=${runs[5]!.id}#steps`);
          await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
          const id = await startRun(sql, { source: "simulator", trigger: "cron", startedAt: NOW });
          const news = page.locator("main").getByRole("status").first();
          await watchUntil(page, hasText(`Run #${id}, by schedule, has begun.`));
          await page.getByRole("link", { name: `#${id}`, exact: true }).waitFor();
          const bar = page.getByRole("region", { name: `Run #${id} is under way` });
          await bar.getByText("0 of about 16 steps done").waitFor();
          assert.ok(
            await bar.evaluate((element) => {
              const { top, bottom } = element.getBoundingClientRect();
              return top >= 0 && bottom <= innerHeight;
            }),
            "it is in sight",
          );
          await assertOpenToAll(page, "while a run is under way");

          await recordStep(sql, id, { ...STEP, candlesInserted: 1200 });
          await recordStep(sql, id, { ...STEP, symbol: "AAPL" });
          // Asked for every two seconds, by itself.
          for (let n = 0; n < 2; n++) await page.waitForRequest(LATEST, { timeout: 10_000 });
          await bar.getByText("2 of about 16 steps done").waitFor();
          await bar.getByText("1,201 candles stored").waitFor();
          await bar.getByText("last AAPL 1h").waitFor();
          await bar.getByText(/for [1-9]\d* s/).waitFor();

          const summary = page.getByText("Credits a day as a table");
          await summary.scrollIntoViewIfNeeded();
          await summary.click();
          const before = await page.evaluate(() => scrollY);
          await finishRun(sql, id, {
            status: "ok",
            finishedAt: NOW,
            durationMs: 5000,
            error: null,
          });
          await watchUntil(page, hasText("has ended after 5 s: complete, 2 of 2 steps succeeded."));
          await page.locator("tr", { hasText: `#${id}` }).getByText("complete").waitFor();
          assert.equal(await bar.count(), 0);
          assert.match(await news.innerText(), new RegExp(`^Run #${id} has ended`));
          await page.getByText(`Steps of run #${runs[5]!.id}`).waitFor();
          await page.getByRole("group", { name: "Credits a day" }).waitFor();
          assert.ok(await summary.evaluate((element) => element === document.activeElement));
          const moved = Math.abs(await page.evaluate(() => scrollY) - before);
          assert.ok(moved < 120, `the page moved by ${moved} px`);
          assert.equal(await page.evaluate(() => "isSamePage" in globalThis), true, "no reload");
          await chartsAreDrawn(page);
        });
      });

      await t.step(
        "is told when the site does not answer, and goes on when it does",
        () =>
          visit({}, async ({ page }) => {
            await page.route(LATEST, (route) => route.fulfill({ body: "no JSON" }));
            await page.goto("/pipeline");
            await watchUntil(page, hasText("The site does not answer."));
            await page.unroute(LATEST);
            await watchUntil(page, async (page) => !await hasText("does not answer")(page));
          }),
      );

      await t.step("reads all of it without JavaScript", async () => {
        const id = await startRun(sql, { source: "simulator", trigger: "manual", startedAt: NOW });
        await visit({ javaScriptEnabled: false }, async ({ page }) => {
          await page.goto("/pipeline");
          await page.getByText(`Run #${id}, by hand`).waitFor();
          await page.getByText("0 of about 2 steps done").waitFor();
          await page.getByRole("link", { name: "Reload" }).click();
          const rowsOf = (group: string) =>
            page.getByRole("group", { name: group }).locator("tbody tr").count();
          assert.equal(await rowsOf("Runs, scrolls"), 33);
          assert.equal(await rowsOf("Freshness and completeness"), 16);
          assert.equal(await rowsOf("Gaps"), 2);
          await page.getByText("Credits a day as a table").click();
          assert.equal(await rowsOf("Credits a day"), 30);
          const note = page.locator(".outcomes .chart-note");
          assert.match(await note.innerText(), /the table of runs below has the same durations/);
          await page.getByRole("link", { name: `#${runs[3]!.id}`, exact: true }).click();
          await page.getByText(`Steps of run #${runs[3]!.id}`).waitFor();
          assert.equal(await rowsOf("Steps, scrolls"), 16);
          await page.getByRole("link", { name: "The whole history" }).click();
          await page.getByText("Completeness, whole history").waitFor();
          assert.match(page.url(), /run=\d+&completeness=all/);
        });
      });

      await t.step(
        "goes on watching when the page itself hangs as a run begins",
        () =>
          visit({}, async ({ page }) => {
            await page.addInitScript(() => {
              const waits = new AbortController();
              AbortSignal.timeout = () => waits.signal;
              Object.assign(globalThis, { waits });
            });
            await page.goto("/pipeline");
            let isHanging = true;
            await page.route("**/pipeline", (route) => isHanging ? undefined : route.continue());
            const asked = page.waitForRequest("**/pipeline");
            const id = await startRun(sql, {
              source: "simulator",
              trigger: "cron",
              startedAt: NOW,
            });
            await watchUntil(page, hasText(`Run #${id}, by schedule, has begun.`));
            await asked;
            isHanging = false;
            await page.evaluate(() => {
              const { waits } = globalThis as unknown as { waits: AbortController };
              AbortSignal.timeout = () => new AbortController().signal;
              waits.abort();
            });
            await watchUntil(page, (page) =>
              page.getByRole("link", { name: `#${id}`, exact: true }).isVisible());
            const end = { status: "ok", finishedAt: NOW, durationMs: 1, error: null } as const;
            await finishRun(sql, id, end);
            await watchUntil(page, hasText(`Run #${id} has ended`));
          }),
      );
    } finally {
      await browser.close();
      await close();
    }
  },
});
