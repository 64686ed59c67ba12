import assert from "node:assert/strict";
import { listUnfinishedBackfills } from "../../db/backfills.ts";
import type { Sql } from "../../db/connect.ts";
import { listGaps } from "../../db/gaps.ts";
import { listRuns } from "../../db/runs.ts";
import { listSeriesStates } from "../../db/series.ts";
import { runBackfill } from "../../etl/backfill.ts";
import { repairGaps } from "../../etl/gaps.ts";
import type { Provider, TimeSeries } from "../../etl/provider.ts";
import { runEtl } from "../../etl/run.ts";
import { TerminalError, TransientError } from "../../market/errors.ts";
import { forEachDatabase } from "../support/databases.ts";
import { NOW, stepsOf, sumOf, withSimulator } from "../support/etl.ts";

const FROM = new Date("2026-09-01T00:00:00Z");
const COIN = { symbols: ["BTC/USD"], intervals: ["5min" as const] };
/** 12 a hour, round the clock. */
const CANDLES = (NOW.getTime() - FROM.getTime()) / 300_000 + 1;

/** The provider, with something done before each answer of one series. */
function watched(provider: Provider, before: (answer: TimeSeries) => TimeSeries | void): Provider {
  return {
    ...provider,
    async fetchTimeSeries(...args) {
      const answer = await provider.fetchTimeSeries(...args);
      return before(answer) ?? answer;
    },
  };
}

async function countCandles(sql: Sql): Promise<{ count: number; holes: number }> {
  const [row] = await sql<[{ count: number; holes: number }]>`
    select count(*) as count, count(*) filter (where distance <> interval '5 minutes') as holes from (
      select opened_at - lag(opened_at) over (order by opened_at) as distance from market.candles
    ) pairs`;
  return row;
}

forEachDatabase(
  "A backfill loads its window page by page, and the same again costs no credit",
  async ({ database, sql }) => {
    await withSimulator(database, {}, async (deps) => {
      await runEtl(deps, { ...COIN, trigger: "manual" });
      const report = await runBackfill(deps, { ...COIN, from: FROM });
      assert.equal(report.status, "ok");
      assert.deepEqual(stepsOf(report).map(({ purpose, status }) => [purpose, status]), [
        ["history", "ok"],
      ]);
      assert.deepEqual(await countCandles(sql), { count: Math.floor(CANDLES), holes: 0 });
      assert.equal(sumOf(report, "credits"), Math.ceil((CANDLES - 5000) / 5000));
      const again = await runBackfill(deps, { ...COIN, from: FROM });
      assert.ok(again.status === "ok");
      assert.deepEqual([again.steps, again.notes], [[], ["All of that is loaded already."]]);
    });
  },
);

forEachDatabase(
  "A backfill that is stopped goes on at the page where it was, by hand or with the next run",
  async ({ database, sql }) => {
    await withSimulator(database, {}, async (deps) => {
      let pages = 0;
      let stop = new AbortController();
      const provider = watched(deps.provider, () => {
        // In the middle of the third page's answer: the second is stored.
        if (++pages === 3) stop.abort(new Error("killed"));
      });
      await runEtl(deps, { ...COIN, trigger: "manual" });
      const cut = await runBackfill({ ...deps, provider, signal: stop.signal }, {
        ...COIN,
        from: FROM,
      });
      assert.equal(cut.status, "interrupted");
      const [left] = await listUnfinishedBackfills(sql, "simulator");
      assert.ok(left && left.reachedAt > FROM && left.reachedAt < left.wantedTo);
      const { holes } = await countCandles(sql);
      assert.equal(holes, 0);

      stop = new AbortController();
      pages = 10;
      const report = await runEtl({ ...deps, provider }, { ...COIN, trigger: "cron" });
      assert.equal(report.status, "ok");
      const history = stepsOf(report).filter(({ purpose }) => purpose === "history");
      assert.equal(history.length, 1);
      const expected = (left.reachedAt.getTime() - FROM.getTime()) / 300_000;
      assert.equal(history[0]?.candlesInserted, expected, "nothing is read twice");
      assert.equal(history[0]?.credits, Math.ceil(expected / 5000));
      assert.deepEqual([...await listUnfinishedBackfills(sql, "simulator")], []);
      assert.deepEqual(await countCandles(sql), { count: Math.floor(CANDLES), holes: 0 });
    });
  },
);

forEachDatabase(
  "A backfill stops at the provider's first candle and remembers it",
  async ({ database, sql }) => {
    const daily = { symbols: ["BTC/USD"], intervals: ["1day" as const] };
    await withSimulator(database, {}, async (deps) => {
      const report = await runBackfill(deps, { ...daily, from: new Date("1990-01-01T00:00:00Z") });
      assert.equal(report.status, "ok");
      const [state] = await listSeriesStates(sql, "simulator");
      assert.deepEqual(state?.oldestAt, new Date("2015-01-01T00:00:00Z"));
      assert.equal(state?.isHistoryExhausted, true);
      const older = await runBackfill(deps, { ...daily, from: new Date("1970-01-01T00:00:00Z") });
      assert.deepEqual(stepsOf(older), [], "nobody has anything older");
    });
  },
);

forEachDatabase(
  "An empty answer in the middle of history is not believed before it is given an hour later",
  async ({ database, sql }) => {
    let time = NOW;
    await withSimulator(database, { now: () => time }, async (deps) => {
      let pages = 0;
      const provider = watched(
        deps.provider,
        () => ++pages === 2 ? { meta: null, rows: [], rejects: [] } : undefined,
      );
      await runEtl(deps, { ...COIN, trigger: "manual" });
      const report = await runBackfill({ ...deps, provider }, { ...COIN, from: FROM });
      assert.ok(report.status === "ok");
      assert.match(report.notes.join(), /asked once more in an hour/);
      assert.equal((await listUnfinishedBackfills(sql, "simulator")).length, 1);
      await runBackfill({ ...deps, provider }, { ...COIN, from: FROM });
      assert.deepEqual(await countCandles(sql), { count: Math.floor(CANDLES), holes: 0 });
    });
    await sql`delete from market.backfills`;
    await withSimulator(database, { now: () => time }, async (deps) => {
      const empty = { meta: null, rows: [], rejects: [] };
      const provider = watched(deps.provider, () => empty);
      const older = { ...COIN, from: new Date("2026-07-01T00:00:00Z") };
      await runBackfill({ ...deps, provider }, older);
      await runBackfill({ ...deps, provider }, older);
      const isEnded = async () => (await listUnfinishedBackfills(sql, "simulator")).length === 0;
      assert.equal(await isEnded(), false, "a hiccup of seconds is no end");
      time = new Date(NOW.getTime() + 61 * 60_000);
      await runBackfill({ ...deps, provider }, older);
      assert.equal(await isEnded(), true);
      assert.equal((await listSeriesStates(sql, "simulator"))[0]?.isHistoryExhausted, true);
    });
  },
);

forEachDatabase(
  "A window apart from the stored series is joined to it, so that no hole is left",
  async ({ database, sql }) => {
    const hourly = { symbols: ["BTC/USD"], intervals: ["1h" as const] };
    const window = {
      from: new Date("2026-01-01T00:00:00Z"),
      to: new Date("2026-02-01T00:00:00Z"),
    };
    await withSimulator(database, {}, async (deps) => {
      await runEtl(deps, { ...hourly, trigger: "manual" });
      await runBackfill(deps, { ...hourly, ...window });
      const [{ count }] = await sql<[{ count: number }]>`select count(*) from market.candles`;
      assert.equal(count, Math.floor((NOW.getTime() - window.from.getTime()) / 3_600_000) + 1);
      assert.deepEqual([...await listGaps(sql, { source: "simulator", now: NOW })], []);
    });
  },
);

forEachDatabase(
  "A full page with rows that cannot be read is not taken for the end of history",
  async ({ database, sql }) => {
    const rates = { wrong_types: 0.3, nan: 0.3, duplicate: 0.3, cut_json: 0.3, "500": 0.3 };
    await withSimulator(database, {}, async (deps) => {
      await runEtl(deps, { ...COIN, trigger: "manual" });
    });
    await withSimulator(database, { faults: rates }, async (deps) => {
      for (let runs = 0; runs < 60; runs++) {
        const report = await runBackfill(deps, { ...COIN, from: FROM });
        assert.notEqual(report.status, "locked");
        if ((await listUnfinishedBackfills(sql, "simulator")).length === 0) break;
      }
    });
    await withSimulator(database, { now: () => new Date(NOW.getTime() + 60_000) }, async (deps) => {
      await repairGaps(deps, await listGaps(sql, { source: "simulator", now: NOW }));
    });
    assert.deepEqual(await countCandles(sql), { count: Math.floor(CANDLES), holes: 0 });
  },
);

forEachDatabase(
  "A plan that refuses old candles leaves the new ones alone, and is not asked again every hour",
  async ({ database }) => {
    await withSimulator(database, {}, async (deps) => {
      await runEtl(deps, { ...COIN, trigger: "manual" });
      let asked = 0;
      const provider: Provider = {
        ...deps.provider,
        fetchTimeSeries(symbol, request, options) {
          if (options?.priority !== "history") {
            return deps.provider.fetchTimeSeries(symbol, request, options);
          }
          asked++;
          return Promise.reject(new TerminalError("not that old", { reason: "symbol_plan" }));
        },
      };
      await runBackfill({ ...deps, provider }, { ...COIN, from: FROM });
      assert.equal(asked, 1);
      const next = await runEtl({ ...deps, provider }, { ...COIN, trigger: "cron" });
      assert.equal(next.status, "ok");
      assert.deepEqual(stepsOf(next).map(({ purpose, status }) => [purpose, status]), [
        ["fresh", "ok"],
      ]);
      assert.equal(asked, 1);
    });
  },
);

forEachDatabase(
  "An instrument that was never loaded is loaded first; one page that fails fails its step only",
  async ({ database, sql }) => {
    const input = {
      symbols: ["ETH/USD", "BTC/USD"],
      intervals: ["1day" as const],
      from: new Date("2020-01-01T00:00:00Z"),
    };
    await withSimulator(database, {}, async (deps) => {
      const provider: Provider = {
        ...deps.provider,
        fetchTimeSeries: (symbol, request, options) =>
          symbol === "ETH/USD"
            ? Promise.reject(new TransientError("it is away", { reason: "server" }))
            : deps.provider.fetchTimeSeries(symbol, request, options),
      };
      const report = await runBackfill({ ...deps, provider }, input);
      assert.equal(report.status, "partial");
      assert.deepEqual(
        stepsOf(report).map(({ symbol, purpose, status, reason }) => [
          symbol,
          purpose,
          status,
          reason,
        ]),
        [
          ["ETH/USD", "fresh", "ok", null],
          ["BTC/USD", "fresh", "ok", null],
          ["ETH/USD", "history", "failed", "server"],
          ["BTC/USD", "history", "ok", null],
        ],
      );
      const again = await runBackfill(deps, input);
      assert.deepEqual(stepsOf(again).map(({ symbol }) => symbol), ["ETH/USD"], "what is left");
      assert.deepEqual((await listRuns(sql, "simulator", 1))[0]?.trigger, "backfill");
    });
  },
);

forEachDatabase(
  "A backfill that meets another one is noted, and a scheduled run goes on with it",
  async ({ database, sql }) => {
    const hourly = { symbols: ["BTC/USD"], intervals: ["1h" as const] };
    await withSimulator(database, {}, async (deps) => {
      await runEtl(deps, { ...hourly, trigger: "manual" });
      const held = await database.tryLock("backfill");
      const report = await runBackfill(deps, { ...hourly, from: FROM });
      assert.equal(report.status, "locked");
      await held?.release();
      assert.equal((await listUnfinishedBackfills(sql, "simulator")).length, 1);
      const next = await runEtl(deps, { ...hourly, trigger: "cron" });
      assert.deepEqual(stepsOf(next).map(({ purpose }) => purpose), ["fresh", "history"]);
    });
  },
);
