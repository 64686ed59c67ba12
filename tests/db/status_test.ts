import assert from "node:assert/strict";
import { listAttention } from "../../db/attention.ts";
import { advanceBackfill, requestBackfill } from "../../db/backfills.ts";
import { loadCandles } from "../../db/candles.ts";
import type { Database } from "../../db/connect.ts";
import { addToDays, insertMinuteWindow, storeToldPerMinute } from "../../db/credits.ts";
import { listGaps, recordEmptyGap } from "../../db/gaps.ts";
import { recordRefusal, type Refusal } from "../../db/refusals.ts";
import { finishRun, type RunTrigger, startRun } from "../../db/runs.ts";
import { getStatus } from "../../db/status.ts";
import { syncTradingDays } from "../../db/trading_days.ts";
import { describeStatus } from "../../etl/status.ts";
import type { Interval } from "../../market/interval.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";
import { storeReject } from "../support/rejects.ts";

/** A Friday afternoon on which every market is open. */
const NOW = new Date("2026-11-20T18:20:00Z");

forEachDatabase(
  "The status of an empty database says that nothing is loaded yet",
  async ({ sql }) => {
    const status = await getStatus(sql, "simulator", NOW, null, null);
    assert.deepEqual(status.series, []);
    const text = describeStatus(status);
    assert.match(text, /No run yet.*- Candles: nothing is loaded yet · deno task etl$/s);
    assert.doesNotMatch(text, /Nothing needs attention/);
    await startRun(sql, { source: "simulator", trigger: "start", startedAt: NOW });
    const [loading] = (await getStatus(sql, "simulator", NOW, null, null)).attention;
    assert.equal(loading?.problem, "nothing is loaded yet, a run is under way");
    assert.equal(loading?.command, null);
  },
);

forEachDatabase(
  "The status tells every series, refusals, backfills, runs, and what needs a person",
  async ({ database, sql }) => {
    await syncTradingDays(sql, NOW);
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
    const reached = { reachedAt: new Date("2026-04-01"), finishedAt: null, emptySince: null };
    await advanceBackfill(sql, backfill.id, reached);
    await storeReject(sql, { instrumentId: bitcoin.id });
    const runId = await startRun(sql, { source: "simulator", trigger: "cron", startedAt: NOW });
    const end = { finishedAt: NOW, durationMs: 5, error: "the key is wrong" };
    await finishRun(sql, runId, { status: "failed", ...end });
    await startRun(sql, { source: "simulator", trigger: "backfill", startedAt: NOW });

    const status = await getStatus(sql, "simulator", NOW, null, null);
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
        ["refused", "SPX 1h: not in your plan: needs the Grow plan", "deno task etl retry SPX"],
        ["stale", "BTC/USD 1h: candles have ended that are not stored", "deno task etl"],
        ["gaps", "Last 7 days: 3 candles missing, in 1 gap", "deno task etl gaps --repair"],
        ["rejects", "Last 7 days: 1 row did not pass the checks", null],
      ],
    );
    const text = describeStatus(status);
    assert.match(text, /BTC\/USD .* 2026-11-20 14:00 .* 3 h .* STALE/);
    assert.match(text, /SPX .* refused: symbol plan/);
    assert.match(text, /2026-04-01 00:00 .* 25 % .* about 1 request/);
    assert.doesNotMatch(text, /will be done/, "no credits are counted");
    assert.match(
      text,
      /- SPX 1h: not in your plan: needs the Grow plan · since 2026-11-19 08:00 · deno task/,
    );
    assert.deepEqual((await getStatus(sql, "twelve_data", NOW, null, null)).series, []);
    const [gap] = await listGaps(sql, { source: "simulator", now: NOW });
    await recordEmptyGap(sql, gap!, NOW);
    const { gaps } = await getStatus(sql, "simulator", NOW, null, null);
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
  const status = await getStatus(sql, "twelve_data", NOW, plan, null);
  assert.deepEqual(status.credits, { ...plan, ...spent });
  assert.match(
    describeStatus(status),
    /6 of 8 in the last minute, 120 of 800 today, which resets at 2026-11-21 00:00 UTC/,
  );
  await storeToldPerMinute(sql, "twelve_data", new Date("2026-11-20"), 8);
  const told = await getStatus(sql, "twelve_data", NOW, { perMinute: 55, perDay: null }, null);
  assert.deepEqual(told.credits, { ...spent, perMinute: 8, perDay: null });
  assert.match(describeStatus(told), /120 today, without a daily cap/);
  const fresh = await getStatus(sql, "simulator", NOW, plan, null);
  assert.deepEqual([fresh.credits?.spentLastMinute, fresh.credits?.spentToday], [0, 0]);
});

Deno.test("listAttention() folds the refusals of a symbol, and names the remedy of each split", () => {
  const refused = (symbol: string, candleInterval: Interval, values: Partial<Refusal>) => ({
    symbol,
    slug: null,
    candleInterval,
    newestFinalAt: null,
    ageMs: null,
    freshness: "empty" as const,
    oldestAt: null,
    isHistoryExhausted: false,
    refusal: {
      symbol,
      candleInterval,
      reason: "symbol_plan" as const,
      message: "",
      plan: "Grow or Venture",
      refusedAt: NOW,
      askAgainAt: null,
      ...values,
    },
  });
  const unknown = { reason: "unknown_symbol" as const, plan: null };
  const split = {
    instrumentId: 1,
    symbol: "AAPL",
    candleInterval: "1day" as const,
    noticedOn: "2026-11-20",
    priceFactor: "0.25",
    fromFactor: null,
    toFactor: null,
    detail: "it jumps",
  };
  const items = listAttention({
    series: [
      refused("SPX", "1h", {}),
      refused("SPX", "1day", { refusedAt: new Date("2026-11-19") }),
      refused("XYZ", "1h", { ...unknown, askAgainAt: new Date("2026-11-21T08:00Z") }),
      refused("XYZ", "1day", { ...unknown, askAgainAt: new Date("2026-11-21T09:00Z") }),
      refused("GATED", "1h", { plan: null }),
    ],
    gaps: { gaps: 0, candles: 0 },
    suspectedSplits: [
      { ...split, kind: "unrecorded_split" },
      { ...split, kind: "readjusted_history" },
    ],
    rejects: { all: 0, recent: 0 },
    runs: [],
    lastScheduledRun: null,
  });
  assert.deepEqual(
    items.map(({ subject, problem, command }) => [`${subject}: ${problem}`, command]),
    [
      [
        "SPX 1h, 1day: not in your plan: needs the Grow or Venture plan",
        "deno task etl retry SPX",
      ],
      [
        "XYZ 1h, 1day: the provider does not know the symbol; it is asked again after 2026-11-21 08:00 UTC",
        "deno task etl retry XYZ",
      ],
      ["GATED 1h: not in your plan: needs a larger one", "deno task etl retry GATED"],
      ["AAPL 1day: it jumps", "deno task etl import-splits FILE.csv"],
      [
        "AAPL 1day: it jumps",
        "deno task etl backfill --symbols AAPL --intervals 1day --from DATE --again",
      ],
    ],
  );
  assert.deepEqual(items[0]?.since, new Date("2026-11-19"));
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
    lastScheduledRun: null,
  };
  const [item, ...others] = listAttention({ series: stale, ...none });
  assert.equal(item?.subject, "S0 1h, S1 1h, S2 1h, S3 1h, S4 1h and 4 more");
  assert.deepEqual(others, []);
});

forEachDatabase("The status says when backfills will be done at best", async ({ sql }) => {
  const { id: instrumentId } = await storeInstrument(sql);
  const series = { instrumentId, isOpenEnded: false, to: new Date("2026-01-01") };
  const ask = (candleInterval: Interval, from: string) =>
    requestBackfill(sql, { ...series, candleInterval, from: new Date(from) }, NOW);
  const hourly = await ask("1h", "2016-01-01");
  await ask("1day", "2016-01-01");
  // One hour of ten years is left: that is not all of it.
  const reachedAt = new Date("2016-01-01T01:00Z");
  await advanceBackfill(sql, hourly.id, { reachedAt, finishedAt: null, emptySince: null });
  const asked: number[] = [];
  const end = new Date("2026-11-25T03:10:00Z");
  const estimateEnd = (credits: number) => (asked.push(credits), Promise.resolve(end));
  const plan = { perMinute: 8, perDay: 800 };
  const status = await getStatus(sql, "simulator", NOW, plan, estimateEnd);
  assert.deepEqual(status.backfills.map((each) => each.requestsLeft), [1, 1]);
  assert.deepEqual([asked, status.backfillsEndAt], [[2], end]);
  const text = describeStatus(status);
  assert.match(text, /Backfills will be done by about 2026-11-25 03:10 UTC, at best/);
  assert.match(text, /2016-01-01 01:00 .* 99 %/);
  const done = await getStatus(sql, "twelve_data", NOW, plan, estimateEnd);
  assert.equal(done.backfillsEndAt, null);
});

forEachDatabase(
  "A scheduled run that went wrong needs attention until the next one goes well",
  async ({ database, sql }) => {
    const { id } = await storeInstrument(sql);
    await storeCandles(database, id, ["2026-11-20T16:00:00Z", "2026-11-20T17:00:00Z"]);
    const run = async (
      trigger: RunTrigger,
      status: "ok" | "partial" | "failed",
      minute: number,
    ) => {
      const startedAt = new Date(NOW.getTime() + minute * 1000);
      const runId = await startRun(sql, { source: "simulator", trigger, startedAt });
      const error = status === "failed" ? "the key is wrong" : null;
      await finishRun(sql, runId, { status, finishedAt: startedAt, durationMs: 5, error });
      return runId;
    };
    const problems = async () =>
      (await getStatus(sql, "simulator", NOW, null, null)).attention
        .map(({ subject, problem, command }) => [`${subject}: ${problem}`, command]);
    const partial = await run("cron", "partial", 1);
    for (let minute = 2; minute < 9; minute++) await run("import", "ok", minute);
    assert.deepEqual(await problems(), [
      [`Run #${partial}: 0 of 0 steps failed in the last scheduled run`, "deno task etl"],
    ]);
    const failed = await run("manual", "failed", 10);
    const once = [`Run #${failed}: the last run failed: the key is wrong`, null];
    assert.deepEqual(await problems(), [once]);
    await run("import", "ok", 11);
    const scheduled = [`Run #${failed}: the last scheduled run failed: the key is wrong`, null];
    assert.deepEqual(await problems(), [scheduled]);
    await run("start", "ok", 12);
    assert.deepEqual(await problems(), []);
  },
);

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
