import assert from "node:assert/strict";
import { addToDays, insertMinuteWindow } from "../../db/credits.ts";
import { loadCandles } from "../../db/candles.ts";
import { requestBackfill } from "../../db/backfills.ts";
import type { Database, Sql } from "../../db/connect.ts";
import { recordRefusal } from "../../db/refusals.ts";
import type { StepInput } from "../../db/runs.ts";
import { forEachDatabase } from "../support/databases.ts";
import { textOf } from "../support/html.ts";
import { candle, storeInstrument } from "../support/market.ts";
import { storeReject } from "../support/rejects.ts";
import { storeRun } from "../support/runs.ts";
import { NOW, openSite } from "../support/site.ts";

async function storeHours(database: Database, instrumentId: number, hours: number[]) {
  const time = (hour: number) => `2026-11-20T${String(hour).padStart(2, "0")}:00:00Z`;
  const candles = hours.map((hour) => candle(time(hour), "98000"));
  const load = { instrumentId, candles, rejects: [], runId: 1, loadedAt: NOW };
  await loadCandles(database, { ...load, interval: "1h" });
}

function storeBackfill(sql: Sql, steps: Partial<StepInput>[]): Promise<number> {
  return storeRun(sql, {
    trigger: "backfill",
    status: "partial",
    startedAt: NOW,
    durationMs: 9,
    steps,
  });
}

forEachDatabase("The pipeline is calm when all is well", async ({ database, sql }) => {
  const { id } = await storeInstrument(sql);
  await storeHours(database, id, [15, 16, 17]);
  await storeBackfill(sql, [{}]);
  const text = textOf(await (await (await openSite({ sql }))("/pipeline")).text());
  assert.match(
    text,
    /Nothing needs attention No series is known to be overdue, and no gap of the last 7 days is to be repaired\. /,
  );
  assert.doesNotMatch(text, /Needs attention|Backfills|Credits, last minute/);
});

forEachDatabase("The pipeline says what needs attention, and what to do", async (
  { database, sql },
) => {
  const { id } = await storeInstrument(sql);
  await storeHours(database, id, [10, 14]);
  await storeBackfill(sql, [{}]);
  await storeReject(sql, { instrumentId: id });
  await recordRefusal(sql, "simulator", {
    symbol: "SPX",
    candleInterval: "1h",
    reason: "symbol_plan",
    message: "not in the plan",
    plan: "Grow",
    refusedAt: new Date("2026-11-20T16:20:00Z"),
    askAgainAt: null,
  });
  const html = await (await (await openSite({ sql }))("/pipeline")).text();
  const text = textOf(html);
  assert.match(text, /Needs attention 1 rejected row not accepted/);
  assert.match(
    text,
    /SPX 1h : not in your plan: needs the Grow plan · 2 h ago deno task etl retry SPX/,
  );
  assert.match(text, /BTC\/USD 1h : candles have ended that are not stored/);
  assert.match(text, /Last 7 days : 3 candles missing, in 1 gap deno task etl gaps --repair/);
  assert.match(text, /Last 7 days : 1 row did not pass the checks See them/);
  assert.match(html, /href="\/pipeline\/rejects"/);
});

forEachDatabase("Many problems of one kind hide no other", async ({ database, sql }) => {
  const { id } = await storeInstrument(sql);
  await storeHours(database, id, [15, 16, 17]);
  await storeBackfill(sql, [{}]);
  await storeReject(sql, { instrumentId: id });
  for (let n = 1; n <= 20; n++) {
    await recordRefusal(sql, "simulator", {
      symbol: `S${String(n).padStart(2, "0")}`,
      candleInterval: "1h",
      reason: "unknown_symbol",
      message: "unknown",
      plan: null,
      refusedAt: NOW,
      askAgainAt: null,
    });
  }
  const text = textOf(await (await (await openSite({ sql }))("/pipeline")).text());
  assert.match(text, /S04 1h : the provider does not know the symbol · /);
  assert.doesNotMatch(text, /S05/);
  assert.match(text, /refused and 16 more deno task etl status/);
  assert.match(text, /Last 7 days : 1 row did not pass the checks See them/);
});

forEachDatabase("The pipeline shows credits, backfills, and what each step was for", async (
  { database, sql },
) => {
  const { id } = await storeInstrument(sql);
  await storeHours(database, id, [16, 17]);
  const window = { from: new Date("2026-01-01"), to: new Date("2026-05-01") };
  const series = { instrumentId: id, candleInterval: "1h" as const, isOpenEnded: false };
  await requestBackfill(sql, { ...series, ...window }, NOW);
  const refused = { reason: "symbol_plan", error: "It needs the Grow plan" };
  const early = { ...series, from: new Date("2025-01-01"), to: new Date("2025-05-01") };
  await requestBackfill(sql, early, NOW);
  await sql`
    update market.backfills set reached_at = '2025-01-01T06:00Z' where wanted_to = '2025-05-01'`;
  const runId = await storeBackfill(sql, [
    { rowsRejected: 31, instrumentId: id },
    { purpose: "history", windowFrom: window.from, windowTo: window.to },
    { purpose: "gap", reason: "no_data", windowFrom: window.from, windowTo: window.to },
    { symbol: "SPX", status: "skipped", ...refused },
  ]);
  const spent = { startedAt: NOW, answeredAt: NOW, credits: 3 };
  await insertMinuteWindow(sql, "simulator", spent);
  await addToDays(sql, "simulator", [new Date("2026-11-20")], 123);
  const estimateEnd = () => Promise.resolve(new Date("2026-11-25T03:10:00Z"));
  const site = await openSite({ sql, creditPlan: { perMinute: 8, perDay: 800 }, estimateEnd });
  const html = await (await site("/pipeline")).text();
  const text = textOf(html);
  assert.match(html, /href="\/pipeline\/rejects\?instrument=BTC-USD"[^>]*>31</);
  assert.match(
    text,
    /99 % about 1 request 2025-01-01 2025-01-01 to 2025-05-01/,
    "the last page is not loaded",
  );
  assert.match(text, /Done by about 2026-11-25 03:10 UTC , at best/);
  assert.match(text, /Credits, last minute 3 of 8 spent, 5 left/);
  assert.match(text, /Credits, today \(UTC\) 123 of 800 spent, 677 left/);
  assert.match(text, /The day resets in 5 h 40 min 2026-11-21 00:00 UTC/);
  assert.match(text, /BTC\/USD 1 hour 0 % about 1 request 2026-05-01 2026-01-01 to 2026-05-01/);
  assert.match(text, new RegExp(`#${runId} backfill partly failed`));
  assert.match(text, /3 of 4 1 skipped/);
  assert.match(text, /BTC\/USD 1 hour history complete/);
  assert.match(text, /BTC\/USD 1 hour a gap complete no data/);
  assert.match(text, /SPX 1 hour what is new skipped not in the plan –/);
  assert.match(text, /It needs the Grow plan/);

  const uncapped = await openSite({ sql, creditPlan: { perMinute: 55, perDay: null } });
  assert.match(textOf(await (await uncapped("/pipeline")).text()), /123 spent; .* no daily cap/);
});
