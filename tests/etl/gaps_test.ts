import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { listGaps } from "../../db/gaps.ts";
import { repairGaps } from "../../etl/gaps.ts";
import { runEtl, type RunInput } from "../../etl/run.ts";
import { type Bar, type SimulatedMarket } from "../../simulator/market.ts";
import { makeGeneratedMarket } from "../../simulator/generated_market.ts";
import { forEachDatabase } from "../support/databases.ts";
import { NOW, stepsOf, sumOf, withSimulator } from "../support/etl.ts";

const INPUT: RunInput = {
  trigger: "manual",
  symbols: ["AAPL", "BTC/USD", "EUR/USD"],
  intervals: ["1h", "1day"],
};
const DAY_MS = 86_400_000;

/** Every candle, exact to the digit, without what tells which run wrote it. */
async function contents(sql: Sql) {
  return await sql`
    select i.symbol, candle_interval, opened_at, open, high, low, close, volume, is_final
    from market.candles c join market.instruments i on i.id = c.instrument_id
    order by 1, 2, 3`;
}

/** The generated market without the candles that the function names. */
function lacking(isMissing: (bar: Bar, symbol: string) => boolean): SimulatedMarket {
  const market = makeGeneratedMarket(1);
  return {
    ...market,
    bars: (listing, interval, window, nowMs) =>
      market.bars(listing, interval, window, nowMs).filter((bar) =>
        !isMissing(bar, listing.symbol)
      ),
  };
}

forEachDatabase(
  "Of 1 % of the candles deleted at random, repairing brings exactly those back",
  async ({ database, sql }) => {
    await withSimulator(database, {}, async (deps) => {
      await runEtl(deps, INPUT);
      assert.deepEqual([...await listGaps(sql, { source: "simulator", now: NOW })], []);
      const before = await contents(sql);
      await sql`select setseed(0.42)`;
      const deleted = await sql`
        delete from market.candles c using market.watermarks w
        where (c.instrument_id, c.candle_interval) = (w.instrument_id, w.candle_interval)
          and c.opened_at > w.oldest_at and c.opened_at < w.newest_final_at and random() < 0.01
        returning c.opened_at`;
      assert.ok(deleted.length > 10);
      const gaps = await listGaps(sql, { source: "simulator", now: NOW });
      assert.equal(gaps.reduce((sum, { missing }) => sum + missing, 0), deleted.length);
      const report = await repairGaps(deps, gaps);
      assert.equal(report.status, "ok");
      assert.equal(sumOf(report, "candlesInserted"), deleted.length);
      assert.deepEqual(await contents(sql), before);
      assert.deepEqual([...await listGaps(sql, { source: "simulator", now: NOW })], []);
    });
  },
);

forEachDatabase(
  "A scheduled run fills the gaps of the last days by itself",
  async ({ database, sql }) => {
    await withSimulator(database, {}, async (deps) => {
      await runEtl(deps, INPUT);
      const before = await contents(sql);
      await sql`
        delete from market.candles where candle_interval = '1h'
          and opened_at between '2026-11-19T15:00Z' and '2026-11-19T17:30Z'`;
      const report = await runEtl(deps, INPUT);
      const gaps = stepsOf(report).filter(({ purpose }) => purpose === "gap");
      assert.deepEqual(gaps.map(({ symbol }) => symbol).sort(), ["AAPL", "BTC/USD", "EUR/USD"]);
      assert.deepEqual(await contents(sql), before);
    });
  },
);

forEachDatabase(
  "A gap that the provider has no data for is asked again after a day, then after a week",
  async ({ database, sql }) => {
    const missing = Date.parse("2026-11-18T09:00:00Z");
    let time = NOW;
    const market = lacking((bar, symbol) => symbol === "BTC/USD" && bar.openedMs === missing);
    const input: RunInput = { trigger: "cron", symbols: ["BTC/USD"], intervals: ["1h"] };
    await withSimulator(database, { market, now: () => time }, async (deps) => {
      const asked = async (days: number) => {
        time = new Date(NOW.getTime() + days * DAY_MS);
        const steps = stepsOf(await runEtl(deps, input));
        return steps.filter(({ purpose }) => purpose === "gap").map(({ reason }) => reason);
      };
      assert.deepEqual(await asked(0), ["no_data"], "found and asked for at once");
      assert.deepEqual(await asked(0), []);
      assert.deepEqual(await asked(0.9), []);
      assert.deepEqual(await asked(1.1), ["no_data"]);
      assert.deepEqual(
        await asked(5),
        [],
        "it lies within the last 8 days, and a week has not passed",
      );
      const [gap] = await listGaps(sql, { source: "simulator", now: time });
      assert.deepEqual([gap?.missing, gap?.openedFrom.getTime()], [1, missing], "it stays visible");
      assert.ok(gap!.askAgainAt! > time);
    });
  },
);

forEachDatabase(
  "A scheduled run asks again for the candles of rejected rows, however old they are",
  async ({ database, sql }) => {
    const bad = Date.parse("2026-03-04T00:00:00Z");
    const market = makeGeneratedMarket(1);
    const input: RunInput = { trigger: "cron", symbols: ["BTC/USD"], intervals: ["1day"] };
    let isSpoiled = true;
    const spoiled: SimulatedMarket = {
      ...market,
      bars: (listing, interval, window, nowMs) =>
        market.bars(listing, interval, window, nowMs).map((bar) =>
          isSpoiled && bar.openedMs === bad ? { ...bar, high: "0" } : bar
        ),
    };
    await withSimulator(database, { market: spoiled }, async (deps) => {
      const first = await runEtl(deps, input);
      assert.deepEqual(
        stepsOf(first).map(({ purpose, rowsRejected }) => [purpose, rowsRejected]),
        [["fresh", 1], ["gap", 0]],
        "asked for once more at once; the row is the same",
      );
      isSpoiled = false;
      const again = await runEtl(
        { ...deps, now: () => new Date(NOW.getTime() + 2 * DAY_MS) },
        input,
      );
      assert.ok(
        stepsOf(again).some(({ purpose, candlesInserted }) =>
          purpose === "gap" && candlesInserted === 1
        ),
      );
      const [stored] = await sql`select from market.candles where opened_at = ${new Date(bad)}`;
      assert.ok(stored);
    });
  },
);
