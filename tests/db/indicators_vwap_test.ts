/** VWAP runs from the open of a session, whose dates are those of the market. */
import assert from "node:assert/strict";
import type { InstrumentInput } from "../../db/instruments.ts";
import { forEachDatabase } from "../support/databases.ts";
import { readIndicators, storeSeries } from "../support/indicators.ts";
import { AAPL, candle } from "../support/market.ts";

const FOREX: Partial<InstrumentInput> = { symbol: "EUR/USD", kind: "forex" };

/** Hourly candles at these times whose prices and volumes are 1, 2, 3 … each. */
const hourly = (...openedAt: string[]) =>
  openedAt.map((at, i) => candle(at, String(i + 1), { volume: String(i + 1) }));

forEachDatabase(
  "A US stock's VWAP starts anew at each open, over a clock change",
  async ({ sql }) => {
    // The clock goes forward on 2026-03-08: 09:30 New York is 14:30 UTC before and 13:30 after.
    const candles = hourly(
      "2026-03-06T19:30:00Z",
      "2026-03-06T20:30:00Z",
      "2026-03-09T13:30:00Z",
      "2026-03-09T14:30:00Z",
      "2026-03-09T15:30:00Z",
      "2026-03-10T13:30:00Z",
    );
    const series = await storeSeries(sql, "1h", candles, AAPL);
    const vwaps = async (from: string | null, to: string | null = null) =>
      (await readIndicators(sql, series, from, to)).map((row) => row.vwap);
    const expected = [1, (1 + 4) / 3, 3, (9 + 16) / 7, (9 + 16 + 25) / 12, 6];
    assert.deepEqual(await vwaps(null), expected);
    assert.deepEqual(await vwaps("-infinity"), expected);
    // A page that starts in mid-session sees what was traded since the open.
    assert.deepEqual(await vwaps("2026-03-09T15:30:00Z"), expected.slice(4));
    assert.deepEqual(await vwaps("2026-03-09T14:00:00Z"), expected.slice(3));
    assert.deepEqual(
      await vwaps("2026-03-06T20:30:00Z", "2026-03-09T14:30:00Z"),
      expected.slice(1, 3),
    );
  },
);

forEachDatabase("Crypto's VWAP starts anew at midnight UTC", async ({ sql }) => {
  const candles = hourly(
    "2026-10-24T22:00:00Z",
    "2026-10-24T23:00:00Z",
    "2026-10-25T00:00:00Z",
    "2026-10-25T01:00:00Z",
  );
  const series = await storeSeries(sql, "1h", candles);
  const rows = await readIndicators(sql, series);
  assert.deepEqual(rows.map((row) => row.vwap), [1, 5 / 3, 3, 25 / 7]);
  const page = await readIndicators(sql, series, "2026-10-24T23:00:00Z");
  assert.deepEqual(page.map((row) => row.vwap), [5 / 3, 3, 25 / 7]);
});

forEachDatabase("Forex's VWAP starts anew at 17:00 New York, in both seasons", async ({ sql }) => {
  // 17:00 is 21:00 UTC in summer, 22:00 in winter; the clock goes back on Sunday 2026-11-01.
  const candles = hourly(
    "2026-10-29T20:00:00Z",
    "2026-10-29T21:00:00Z",
    "2026-10-29T22:00:00Z",
    "2026-11-02T21:00:00Z",
    "2026-11-02T22:00:00Z",
    "2026-11-02T23:00:00Z",
  );
  const series = await storeSeries(sql, "1h", candles, FOREX);
  const rows = await readIndicators(sql, series);
  assert.deepEqual(rows.map((row) => row.vwap), [1, 2, 13 / 5, 4, 5, 61 / 11]);
  const page = await readIndicators(sql, series, "2026-11-02T23:00:00Z");
  assert.deepEqual(page.map((row) => row.vwap), [61 / 11]);
});

forEachDatabase("A missing volume ends a VWAP until the next session only", async ({ sql }) => {
  const candles = hourly(
    "2026-10-24T21:00:00Z",
    "2026-10-24T22:00:00Z",
    "2026-10-24T23:00:00Z",
    "2026-10-25T00:00:00Z",
  );
  candles[1]!.volume = null;
  const series = await storeSeries(sql, "1h", candles);
  const rows = await readIndicators(sql, series);
  assert.deepEqual(rows.map((row) => row.vwap), [1, null, null, 4]);
  // It is missing to a page that starts after it, too.
  const page = await readIndicators(sql, series, "2026-10-24T23:00:00Z");
  assert.deepEqual(page.map((row) => row.vwap), [null, 4]);
  assert.deepEqual(page.map((row) => row.obv), [0, 4], "while OBV begins with the page");
});

forEachDatabase("A date of 25 hours is one session", async ({ sql }) => {
  // Of an exchange whose hours are not known the local date is the session.
  const candles = hourly("2026-10-24T22:00:00Z", "2026-10-24T23:00:00Z", "2026-10-25T23:30:00Z");
  const london = { ...AAPL, exchange: "LSE", micCode: "XLON", exchangeTimezone: "Europe/London" };
  const series = await storeSeries(sql, "1h", candles, london);
  const page = await readIndicators(sql, series, "2026-10-25T12:00:00Z");
  assert.deepEqual(page.map((row) => row.vwap), [13 / 5]);
});

forEachDatabase("A session longer than the warm-up counts from its open", async ({ sql }) => {
  const midnight = Date.parse("2026-05-05T00:00:00Z");
  const candles = Array.from(
    { length: 1400 },
    (_, minute) =>
      candle(new Date(midnight + minute * 60_000).toISOString(), String(minute < 700 ? 10 : 20), {
        volume: "1",
      }),
  );
  const series = await storeSeries(sql, "1min", candles);
  const page = await readIndicators(sql, series, new Date(midnight + 1399 * 60_000).toISOString());
  assert.deepEqual(page.map((row) => row.vwap), [15]);
});
