import assert from "node:assert/strict";
import * as z from "zod/mini";
import { parseView, VIEW_QUERY, viewOf, writeView } from "../../islands/chart_view.ts";
import { firstInRange, offeredRanges, rangeStart } from "../../islands/price_chart/ranges.ts";

const seconds = (iso: string) => Date.parse(iso) / 1000;

Deno.test("A view is written as it is read, without what goes without saying", () => {
  const search =
    "?interval=1h&range=1m&overlays=sma20,bollinger&panes=rsi,macd&scale=log&zone=utc&compare=BTC-USD";
  assert.deepEqual(parseView(search), {
    range: "1m",
    overlays: ["sma20", "bollinger"],
    panes: ["rsi", "macd"],
    scale: "log",
    zone: "utc",
    compare: "BTC-USD",
  });
  assert.equal(writeView(parseView(search), "?interval=1h"), search);
  assert.equal(writeView(parseView("")), "");
  assert.equal(writeView(parseView(""), search), "?interval=1h", "others stay, its own go");
});

Deno.test("Names are read in any order, once each, and put into the order of drawing", () => {
  assert.deepEqual(parseView("?overlays=vwap,sma50,sma20,sma50").overlays, [
    "sma20",
    "sma50",
    "vwap",
  ]);
  assert.deepEqual(parseView("?panes=").panes, []);
});

Deno.test("A value that is none is refused, with what it must be", () => {
  const refusals = [
    ["range", "2w", /^must be one of 1d, 5d, .*, all$/],
    ["overlays", "sma20,sma21", /^must be names of sma20, .*, vwap, separated by commas$/],
    ["panes", "sma20", /^must be names of rsi, macd, atr, stochastic, separated by commas$/],
    ["scale", "loga", /^must be one of linear, log, percent$/],
    ["zone", "Mars", /^must be one of exchange, local, utc$/],
    ["compare", "BTC/USD", /^must be the slug of an instrument, such as BTC-USD$/],
  ] as const;
  for (const [name, value, rule] of refusals) {
    const result = z.object(VIEW_QUERY).safeParse({ [name]: value });
    assert.match(result.error?.issues[0]?.message ?? "none", rule, name);
    assert.deepEqual(parseView(`?${name}=${value}`), viewOf({}), "the chart as it is by itself");
  }
});

Deno.test("rangeStart() goes back real time from the newest candle", () => {
  const newest = seconds("2026-03-31T15:30:00Z");
  const starts = {
    "1d": "2026-03-30T15:30:00Z",
    "5d": "2026-03-26T15:30:00Z",
    "1m": "2026-02-28T15:30:00Z",
    "3m": "2025-12-31T15:30:00Z",
    "6m": "2025-09-30T15:30:00Z",
    "1y": "2025-03-31T15:30:00Z",
    "5y": "2021-03-31T15:30:00Z",
  } as const;
  for (const [range, start] of Object.entries(starts)) {
    assert.equal(rangeStart(range as keyof typeof starts, newest), seconds(start), range);
  }
  assert.equal(rangeStart("ytd", newest), seconds("2025-12-31T23:59:59Z"));
  assert.equal(rangeStart("all", newest), -Infinity);
});

Deno.test("firstInRange() finds candles enough for a chart when the market has just opened", () => {
  const friday = ["16:30", "17:30", "18:30", "19:30", "20:30"]
    .map((time) => seconds(`2026-11-20T${time}:00Z`));
  const monday = ["14:30", "15:30", "16:30", "17:30", "18:30"]
    .map((time) => seconds(`2026-11-23T${time}:00Z`));
  const first = (times: number[]) => firstInRange(times, rangeStart("1d", times.at(-1)!));
  assert.equal(first([...friday, monday[0]!]), 2, "four of them, three of Friday's");
  assert.equal(first([...friday, ...monday]), 5, "all of Monday's, and no more");
  assert.equal(first(friday.slice(0, 2)), 0, "all that there are");
});

Deno.test("offeredRanges() leaves out what is longer than the history, a few candles or a blur", () => {
  const newest = seconds("2026-11-20T18:00:00Z");
  const offered = (oldest: string, candleSeconds: number) =>
    offeredRanges({
      oldest: seconds(oldest),
      newest,
      pageCandles: 101,
      pageOldest: newest - 100 * candleSeconds,
    });
  assert.deepEqual(offered("2026-11-01T00:00:00Z", 3600), ["1d", "5d", "all"]);
  assert.deepEqual(offered("2015-01-01T00:00:00Z", 3600), ["1d", "5d", "1m", "3m", "6m"]);
  assert.deepEqual(offered("2015-01-01T00:00:00Z", 86_400), [
    "5d",
    "1m",
    "3m",
    "6m",
    "ytd",
    "1y",
    "5y",
    "all",
  ]);
  assert.deepEqual(offered("2026-11-20T17:00:00Z", 3600), ["all"]);
});
