/** How each series stands, and what each day has cost. */
import assert from "node:assert/strict";
import { listCreditDays } from "../../db/credit_days.ts";
import { addToDays } from "../../db/credits.ts";
import { recordStep, startRun } from "../../db/runs.ts";
import { listSeriesHealth } from "../../db/series_health.ts";
import { syncTradingDays } from "../../db/trading_days.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeCandles, storeInstrument } from "../support/market.ts";
import { STEP } from "../support/runs.ts";

/** A Friday afternoon on which every market is open. */
const NOW = new Date("2026-11-20T18:20:00Z");
const MONTH_AGO = new Date("2026-10-21T18:20:00Z");
/** Of no exchange whose hours are known. */
const RELIANCE = { ...AAPL, symbol: "RELIANCE", exchangeTimezone: "Asia/Kolkata" };

/** Hourly candles that opened at these hours of a day of 2026. */
function hours(day: string, ...wanted: number[]) {
  return wanted.map((hour) => candle(`2026-${day}T${String(hour).padStart(2, "0")}:00:00Z`, "1"));
}

forEachDatabase(
  "market.series_health() sums completeness over the months of the window",
  async ({ sql }) => {
    await syncTradingDays(sql, NOW);
    const bitcoin = await storeInstrument(sql);
    // Two of 9 hours are missing in October, one in November; before the window there is a large hole.
    const october = hours("10-31", 18, 19, 21, 22, 23);
    const november = hours("11-01", 0, 2);
    await storeCandles(sql, bitcoin.id, "1h", [...hours("09-30", 1), ...october, ...november]);
    const [health, none] = await listSeriesHealth(sql, "simulator", NOW, MONTH_AGO);
    const between = 10 * 24 - 19 + 18;
    assert.equal(none, undefined);
    assert.deepEqual(health, {
      symbol: "BTC/USD",
      slug: "BTC-USD",
      candleInterval: "1h",
      freshness: "stale",
      newestFinalAt: new Date("2026-11-01T02:00:00Z"),
      ageMs: NOW.getTime() - Date.parse("2026-11-01T03:00:00Z"),
      dueAt: new Date("2026-11-01T05:30:00Z"),
      calendar: "round_the_clock",
      expectedCandles: between + 6 + 3,
      haveCandles: 7,
      missingCandles: between + 2,
      percent: 100 * 7 / (between + 9),
    });
    const [gaps] = await sql`
      select sum(missing_candles) as missing
      from market.find_gaps('simulator', ${MONTH_AGO}, ${NOW})`;
    assert.equal(Number(gaps?.missing), health!.missingCandles, "the gaps say the same");
    const [all] = await listSeriesHealth(sql, "simulator", NOW, null);
    const hoursOfAll = (Date.parse("2026-11-01T03:00Z") - Date.parse("2026-09-30T01:00Z")) / 36e5;
    assert.deepEqual([all?.haveCandles, all?.expectedCandles], [8, hoursOfAll]);
  },
);

forEachDatabase(
  "market.series_health() says so where no calendar is known or the window is empty",
  async ({ sql }) => {
    await syncTradingDays(sql, NOW);
    const reliance = await storeInstrument(sql, RELIANCE);
    await storeCandles(sql, reliance.id, "1h", hours("11-19", 4, 5));
    const apple = await storeInstrument(sql, AAPL);
    await storeCandles(sql, apple.id, "1day", [candle("2026-01-05T00:00:00Z", "1")]);
    const listed = await listSeriesHealth(sql, "simulator", NOW, MONTH_AGO);
    assert.deepEqual(
      listed.map(({ symbol, freshness, calendar, haveCandles, expectedCandles, percent }) => [
        symbol,
        freshness,
        calendar,
        haveCandles,
        expectedCandles,
        percent,
      ]),
      [
        ["AAPL", "stale", null, null, null, null],
        ["RELIANCE", "unknown", null, 2, null, null],
      ],
    );
  },
);

forEachDatabase("market.credits_by_day() has every day, and both ways of counting", async (
  { sql },
) => {
  const spend = async (source: "simulator" | "import", startedAt: string, credits: number[]) => {
    const id = await startRun(sql, { source, trigger: "cron", startedAt: new Date(startedAt) });
    for (const each of credits) await recordStep(sql, id, { ...STEP, credits: each });
  };
  await spend("simulator", "2026-11-17T23:59:59Z", [9]);
  await spend("simulator", "2026-11-18T00:00:00Z", [1, 2]);
  await spend("simulator", "2026-11-18T23:59:59Z", [4]);
  await spend("simulator", "2026-11-20T10:00:00Z", []);
  await spend("import", "2026-11-20T10:00:00Z", [100]);
  await addToDays(sql, "simulator", [new Date("2026-11-18")], 8);
  // From the middle of a day: the whole of it is told.
  const from = new Date("2026-11-18T12:00:00Z");
  assert.deepEqual([...await listCreditDays(sql, "simulator", from, NOW)], [
    { dayOn: "2026-11-18", planCredits: 8, runCredits: 7, runCount: 2 },
    { dayOn: "2026-11-19", planCredits: null, runCredits: 0, runCount: 0 },
    { dayOn: "2026-11-20", planCredits: null, runCredits: 0, runCount: 1 },
  ]);
});
