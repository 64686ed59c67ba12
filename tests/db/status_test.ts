import assert from "node:assert/strict";
import { listAttention } from "../../db/attention.ts";
import { advanceBackfill, requestBackfill } from "../../db/backfills.ts";
import { loadCandles } from "../../db/candles.ts";
import type { Database } from "../../db/connect.ts";
import { addToDays, insertMinuteWindow, storeToldPerMinute } from "../../db/credits.ts";
import { freshnessOf } from "../../db/freshness.ts";
import { listGaps, recordEmptyGap } from "../../db/gaps.ts";
import { recordRefusal } from "../../db/refusals.ts";
import { finishRun, startRun } from "../../db/runs.ts";
import { getStatus } from "../../db/status.ts";
import { describeStatus } from "../../etl/status.ts";
import type { Interval } from "../../market/interval.ts";
import { sessionOf } from "../../market/session.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";
import { storeReject } from "../support/rejects.ts";

/** A Friday afternoon on which every market is open. */
const NOW = new Date("2026-11-20T18:20:00Z");
const STOCKS = sessionOf("stock", "America/New_York");
const COINS = sessionOf("crypto", null);
const FOREX = sessionOf("forex", null);

Deno.test("freshnessOf() tells a closed market from a stale series", () => {
  const freshness = (newest: string, interval: Interval, now: string, session = STOCKS) =>
    freshnessOf(new Date(newest), interval, session, new Date(now));
  assert.equal(freshness("2026-11-20T16:30Z", "1h", "2026-11-20T18:20Z"), "fresh");
  assert.equal(freshness("2026-11-20T15:30Z", "1h", "2026-11-20T19:10Z"), "stale");
  // The last hour of a Friday, looked at on Sunday, before and after Monday's first hour.
  assert.equal(freshness("2026-11-20T20:30Z", "1h", "2026-11-22T12:00Z"), "market_closed");
  assert.equal(freshness("2026-11-20T20:30Z", "1h", "2026-11-23T16:20Z"), "fresh");
  assert.equal(freshness("2026-11-20T20:30Z", "1h", "2026-11-23T17:10Z"), "stale");
  assert.equal(freshness("2026-11-20T19:30Z", "1h", "2026-11-22T12:00Z"), "stale", "an hour short");
  // Thanksgiving is closed, and the day after ends at 13:00 New York.
  assert.equal(freshness("2026-11-25", "1day", "2026-11-26T20:00Z"), "market_closed");
  assert.equal(freshness("2026-11-25", "1day", "2026-11-27T19:00Z"), "market_closed");
  assert.equal(freshness("2026-11-25", "1day", "2026-11-27T20:00Z"), "stale");
  assert.equal(freshness("2026-11-20T17:00Z", "1h", "2026-11-20T18:20Z", COINS), "fresh");
  assert.equal(freshness("2026-11-20T15:00Z", "1h", "2026-11-20T18:40Z", COINS), "stale");
  assert.equal(freshness("2026-11-20T18:17Z", "1min", "2026-11-20T18:20Z", COINS), "fresh");
  assert.equal(freshness("2026-10-01", "1month", "2026-11-20T18:20Z", COINS), "fresh");
  assert.equal(freshness("2026-09-01", "1month", "2026-11-20T18:20Z", COINS), "stale");
  assert.equal(freshness("2026-11-20T21:00Z", "1h", "2026-11-21T12:00Z", FOREX), "market_closed");
  assert.equal(freshnessOf(null, "1h", STOCKS, NOW), "empty");
  const unknown = sessionOf("stock", "Asia/Tokyo");
  assert.equal(freshnessOf(new Date("2020-01-01"), "1h", unknown, NOW), "unknown");
});

forEachDatabase("The status of an empty database asks for nothing", async ({ sql }) => {
  const status = await getStatus(sql, "simulator", NOW, null);
  assert.deepEqual(status.series, []);
  assert.deepEqual(status.attention, []);
  assert.match(describeStatus(status), /No series is stored yet.*No run yet.*All is well/s);
});

forEachDatabase(
  "The status tells every series, refusals, backfills, runs, and what needs a person",
  async ({ database, sql }) => {
    const apple = await storeInstrument(sql, AAPL);
    const bitcoin = await storeInstrument(sql);
    await storeCandles(database, apple.id, ["2026-11-20T15:30:00Z", "2026-11-20T16:30:00Z"]);
    await storeCandles(database, bitcoin.id, ["2026-11-20T10:00:00Z", "2026-11-20T14:00:00Z"]);
    await recordRefusal(sql, "simulator", {
      symbol: "SPX",
      candleInterval: "1h",
      reason: "symbol_plan",
      message: "not in the plan",
      plan: "Grow",
      refusedAt: new Date("2026-11-19T08:00:00Z"),
      askAgainAt: null,
    });
    const window = { from: new Date("2026-01-01"), to: new Date("2026-05-01") };
    const series = { instrumentId: apple.id, candleInterval: "1h" as const, isOpenEnded: false };
    const backfill = await requestBackfill(sql, { ...series, ...window }, NOW);
    const reached = { reachedAt: new Date("2026-04-01"), finishedAt: null };
    await advanceBackfill(sql, backfill.id, reached);
    await storeReject(sql, { instrumentId: bitcoin.id });
    const runId = await startRun(sql, { source: "simulator", trigger: "cron", startedAt: NOW });
    const end = { finishedAt: NOW, durationMs: 5, error: "the key is wrong" };
    await finishRun(sql, runId, { status: "failed", ...end });
    await startRun(sql, { source: "simulator", trigger: "backfill", startedAt: NOW });

    const status = await getStatus(sql, "simulator", NOW, null);
    assert.deepEqual(
      status.series.map((each) => [
        each.symbol,
        each.newestFinalAt?.toISOString().slice(11, 16),
        each.ageMs === null ? null : each.ageMs / 60_000,
        each.freshness,
        each.refusal?.plan,
      ]),
      [
        ["AAPL", "16:30", 50, "fresh", undefined],
        ["BTC/USD", "14:00", 200, "stale", undefined],
        ["SPX", undefined, null, "empty", "Grow"],
      ],
    );
    assert.deepEqual(status.backfills.map(({ percent }) => percent), [25]);
    assert.deepEqual(status.runs.map(({ status }) => status), ["running", "failed"]);
    assert.deepEqual(status.gaps, { gaps: 1, candles: 3 });
    assert.deepEqual(
      status.attention.map(({ kind, subject, problem, command }) => [
        kind,
        `${subject}: ${problem}`,
        command,
      ]),
      [
        ["run", `Run #${runId}: the last run failed: the key is wrong`, null],
        ["refused", "SPX 1h: not in your plan, it needs Grow", "deno task etl retry SPX"],
        ["stale", "BTC/USD 1h: candles have ended that are not stored", "deno task etl"],
        ["gaps", "Last 7 days: 3 candles missing, in 1 gap", "deno task etl gaps --repair"],
        ["rejects", "Last 7 days: 1 row did not pass the checks", null],
      ],
    );
    const text = describeStatus(status);
    assert.match(text, /BTC\/USD .* 2026-11-20 14:00 .* 3 h .* STALE/);
    assert.match(text, /SPX .* refused: symbol plan/);
    assert.match(text, /2026-04-01 00:00 .* 25 %/);
    assert.match(
      text,
      /- SPX 1h: not in your plan, it needs Grow · since 2026-11-19 08:00 · deno task/,
    );
    assert.deepEqual((await getStatus(sql, "twelve_data", NOW, null)).attention, []);
    const [gap] = await listGaps(sql, { source: "simulator", now: NOW });
    await recordEmptyGap(sql, gap!, NOW);
    const { gaps } = await getStatus(sql, "simulator", NOW, null);
    assert.deepEqual(gaps, { gaps: 0, candles: 0 }, "the provider has nothing there");
  },
);

forEachDatabase("The status tells the credits spent of the plan's", async ({ sql }) => {
  const at = (time: string) => new Date(`2026-11-20T${time}Z`);
  const spend = (startedAt: Date, answeredAt: Date | null, credits: number) =>
    insertMinuteWindow(sql, "twelve_data", { startedAt, answeredAt, credits });
  await spend(at("18:18:00"), at("18:18:30"), 1);
  await spend(at("18:18:50"), at("18:19:10"), 2);
  await spend(at("18:19:55"), null, 4);
  await addToDays(sql, "twelve_data", [new Date("2026-11-19")], 500);
  await addToDays(sql, "twelve_data", [new Date("2026-11-20")], 120);
  await addToDays(sql, "twelve_data", [new Date("2026-11-21")], 9);
  const plan = { perMinute: 8, perDay: 800 };
  const spent = { spentLastMinute: 6, spentToday: 120, dayResetsAt: new Date("2026-11-21") };
  const status = await getStatus(sql, "twelve_data", NOW, plan);
  assert.deepEqual(status.credits, { ...plan, ...spent });
  assert.match(
    describeStatus(status),
    /6 of 8 in the last minute, 120 of 800 today, which resets at 2026-11-21 00:00 UTC/,
  );
  await storeToldPerMinute(sql, "twelve_data", new Date("2026-11-20"), 8);
  const told = await getStatus(sql, "twelve_data", NOW, { perMinute: 55, perDay: null });
  assert.deepEqual(told.credits, { ...spent, perMinute: 8, perDay: null });
  assert.match(describeStatus(told), /120 today, without a daily cap/);
  const fresh = await getStatus(sql, "simulator", NOW, plan);
  assert.deepEqual([fresh.credits?.spentLastMinute, fresh.credits?.spentToday], [0, 0]);
});

Deno.test("listAttention() names few of many stale series, and none that is refused", () => {
  const stale = Array.from({ length: 9 }, (_, n) => ({
    symbol: `S${n}`,
    slug: null,
    candleInterval: "1h" as const,
    newestFinalAt: NOW,
    ageMs: 0,
    freshness: "stale" as const,
    oldestAt: NOW,
    isHistoryExhausted: false,
    refusal: null,
  }));
  const none = {
    gaps: { gaps: 0, candles: 0 },
    suspectedSplits: [],
    rejects: { all: 3, recent: 0 },
    runs: [],
  };
  const [item, ...others] = listAttention({ series: stale, ...none });
  assert.equal(item?.subject, "S0 1h, S1 1h, S2 1h, S3 1h, S4 1h and 4 more");
  assert.deepEqual(others, []);
});

async function storeCandles(database: Database, instrumentId: number, openedAt: string[]) {
  await loadCandles(database, {
    instrumentId,
    interval: "1h",
    candles: openedAt.map((at) => candle(at, "100")),
    rejects: [],
    runId: 1,
    loadedAt: NOW,
  });
}
