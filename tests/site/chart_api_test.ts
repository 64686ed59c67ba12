import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { INDICATOR_COLUMNS } from "../../db/chart.ts";
import type { Instrument } from "../../market/instrument.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeCandles, storeInstrument, storeSplit } from "../support/market.ts";
import { openSite } from "../support/site.ts";

const HOUR_MS = 3_600_000;

/** Hourly candles whose closes wave about 100, of every hour up to 2026-11-20 17:00 UTC. */
function hours(count: number) {
  const newest = Date.parse("2026-11-20T17:00:00Z");
  return Array.from({ length: count }, (_, at) => {
    const openedAt = new Date(newest - (count - 1 - at) * HOUR_MS).toISOString();
    const close = 100 + 10 * Math.sin(at / 7);
    return candle(openedAt, close.toFixed(4), {
      high: (close + 1).toFixed(4),
      low: (close - 1).toFixed(4),
      volume: String(1000 + at),
    });
  });
}

const seconds = (iso: string) => Date.parse(iso) / 1000;

async function storeCoin(sql: Sql, count: number): Promise<Instrument> {
  const instrument = await storeInstrument(sql);
  await storeCandles(sql, instrument.id, "1h", hours(count));
  return instrument;
}

forEachDatabase("/api/v1/chart answers pages of columns, back to the start", async ({ sql }) => {
  await storeCoin(sql, 25);
  const site = await openSite({ sql });
  const ask = async (query: string) => {
    const response = await site(`/api/v1/chart?symbol=BTC/USD&interval=1h&${query}`);
    assert.equal(response.status, 200, query);
    return await response.json();
  };
  const stored = hours(25);
  const newest = await ask("limit=10");
  assert.deepEqual(
    newest.times,
    stored.slice(-10).map(({ openedAt }) => openedAt.getTime() / 1000),
  );
  for (const [column, price] of [["opens", "open"], ["highs", "high"], ["lows", "low"]] as const) {
    assert.deepEqual(newest[column], stored.slice(-10).map((row) => Number(row[price])), column);
  }
  assert.deepEqual(newest.closes, stored.slice(-10).map(({ close }) => Number(close)));
  assert.deepEqual(newest.volumes, stored.slice(-10).map(({ volume }) => Number(volume)));
  assert.deepEqual(newest.indicators, {});
  assert.equal(newest.compared, null);
  assert.equal(newest.compare, null);
  assert.equal(newest.isStart, false);

  const before = new Date(newest.times[0] * 1000).toISOString();
  const older = await ask(`limit=15&before=${before}`);
  assert.deepEqual(older.times.length, 15);
  assert.equal(older.times.at(-1), newest.times[0] - 3600);
  assert.equal(older.isStart, true, "a page that ends with the oldest candle says so");
  assert.equal((await ask(`limit=14&before=${before}`)).isStart, false);
  const none = await ask("before=2020-01-01");
  assert.deepEqual([none.times, none.isStart], [[], true]);
});

forEachDatabase(
  "/api/v1/chart has the indicators of market.indicators, whatever the page",
  async ({ sql }) => {
    const { id } = await storeCoin(sql, 900);
    const site = await openSite({ sql });
    const names = INDICATOR_COLUMNS.join(",");
    const answer = await site(
      `/api/v1/chart?symbol=BTC/USD&interval=1h&limit=40&before=2026-11-20&indicators=${names}`,
    );
    const page = await answer.json();
    assert.deepEqual(Object.keys(page.indicators), [...INDICATOR_COLUMNS]);
    const rows = await sql`
      select extract(epoch from opened_at)::float8 as time, i.*
      from market.indicators(${id}, '1h', null, '2026-11-20Z') i
      order by opened_at desc limit 40`.values();
    const { columns } = await sql`select * from market.indicators(${id}, '1h', null, null) limit 0`;
    const exact = rows.toReversed();
    for (const name of INDICATOR_COLUMNS) {
      const place = 1 +
        columns.findIndex((column) =>
          column.name === name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase())
        );
      assert.ok(place > 0, name);
      for (const [at, value] of page.indicators[name].entries()) {
        assert.equal(page.times[at], exact[at]![0]);
        const difference = Math.abs(value - exact[at]![place]);
        assert.ok(difference <= 1e-7 * Math.max(1, Math.abs(value)), `${name}: ${difference}`);
      }
    }
  },
);

forEachDatabase(
  "/api/v1/chart has prices at the level of today, after a split",
  async ({ sql }) => {
    const instrument = await storeInstrument(sql, AAPL);
    await storeCandles(sql, instrument.id, "1day", [
      candle("2026-11-18T00:00:00Z", "400", { volume: "100" }),
      candle("2026-11-19T00:00:00Z", "101", { volume: "400" }),
    ]);
    await storeSplit(sql, instrument.id, "2026-11-19", 4);
    const site = await openSite({ sql });
    const page = await (await site("/api/v1/chart?symbol=AAPL&interval=1day")).json();
    assert.deepEqual(page.closes, [100, 101]);
    assert.deepEqual(page.volumes, [400, 400]);
    const html = await (await site("/instruments/AAPL?interval=1day")).text();
    const table = /<summary>Newest 2 candles as a table.*?<\/table>/s.exec(html)![0];
    const prices = [...table.matchAll(/<data value="([\d.]+)">/g)].map((match) => Number(match[1]));
    assert.deepEqual(prices, [101, 101, 101, 101, 100, 100, 100, 100], "and so has the table");
  },
);

forEachDatabase("/api/v1/chart compares with what was known in time", async ({ sql }) => {
  const share = await storeInstrument(sql, AAPL);
  const coin = await storeInstrument(sql);
  await storeCandles(sql, share.id, "1h", [
    candle("2026-11-19T19:30:00Z", "230"),
    candle("2026-11-19T20:30:00Z", "231"), // half an hour long: the session ends
    candle("2026-11-20T14:30:00Z", "232"),
    candle("2026-11-20T15:30:00Z", "233"),
  ]);
  await storeCandles(sql, coin.id, "1h", hours(48));
  const site = await openSite({ sql });
  const compare = async (symbol: string, other: string, query = "") => {
    const path = `/api/v1/chart?symbol=${symbol}&interval=1h&compare=${other}${query}`;
    return await (await site(path)).json();
  };
  const closeAt = (iso: string) =>
    Number(hours(48).find(({ openedAt }) => openedAt.getTime() === Date.parse(iso))!.close);
  const own = await compare("AAPL", "BTC/USD");
  assert.equal(own.compare, "BTC/USD");
  assert.deepEqual(own.times.length, 4, "the other one adds no times");
  assert.deepEqual(own.compared, [
    closeAt("2026-11-19T19:00:00Z"), // ends 20:00, and the share's 20:30
    closeAt("2026-11-19T20:00:00Z"), // both end 21:00
    closeAt("2026-11-20T14:00:00Z"),
    closeAt("2026-11-20T15:00:00Z"),
  ]);
  const page = await compare("AAPL", "BTC/USD", "&before=2026-11-20T15:00:00Z&limit=2");
  assert.deepEqual(page.compared, own.compared.slice(1, 3), "a page knows the candle before it");

  const other = await compare("BTC/USD", "AAPL");
  const known = other.times.map((time: number, at: number) => [time, other.compared[at]])
    .filter(([, close]: [number, number | null]) => close !== null);
  assert.deepEqual(known, [
    [seconds("2026-11-19T20:00:00Z"), 231], // 230 was known at 20:30, 231 at 21:00
    [seconds("2026-11-20T15:00:00Z"), 232],
    [seconds("2026-11-20T16:00:00Z"), 233],
  ], "nothing is carried on over the night");

  await storeCandles(sql, share.id, "1day", [
    candle("2026-11-17T00:00:00Z", "227"),
    candle("2026-11-20T00:00:00Z", "233"),
  ]);
  const days = await (await site("/api/v1/chart?symbol=AAPL&interval=1day&compare=BTC/USD")).json();
  assert.deepEqual(days.compared, [
    null, // the coin has none of that date
    closeAt("2026-11-19T23:00:00Z"), // which ends after the share's, and has the same date
    closeAt("2026-11-20T17:00:00Z"),
  ]);
});

forEachDatabase("/api/v1/chart refuses what it cannot read", async ({ sql }) => {
  await storeCoin(sql, 2);
  const site = await openSite({ sql });
  const series = "/api/v1/chart?symbol=BTC/USD&interval=1h";
  const refusals = [
    ["/api/v1/chart", 400, "symbol", /must be given/],
    ["/api/v1/chart?symbol=BTC/USD", 400, "interval", /must be given/],
    [`${series}&limit=10001`, 400, "limit", /from 1 to 10000/],
    [`${series}&before=yesterday`, 400, "before", /must be a date/],
    [`${series}&indicators=sma_20,sma_21`, 400, "indicators", /must be names of sma_20, /],
    [`${series}&indicators=close`, 400, "indicators", /must be names of sma_20, /],
    [
      "/api/v1/chart?symbol=BTC/USD&interval=1day&indicators=vwap",
      400,
      "indicators",
      /below a day/,
    ],
    [`${series}&from=2026-01-01`, 400, "from", /from is not one of symbol, /],
    ["/api/v1/chart?symbol=NOPE&interval=1h", 404, "symbol", /\/api\/v1\/instruments lists/],
    [`${series}&compare=NOPE`, 404, "compare", /\/api\/v1\/instruments lists/],
  ] as const;
  for (const [path, status, field, message] of refusals) {
    const response = await site(path);
    assert.equal(response.status, status, path);
    const { error } = await response.json();
    assert.equal(error.field, field, path);
    assert.match(error.message, message, path);
  }
});

forEachDatabase(
  "The page refuses a view that is none, with the name of the field",
  async ({ sql }) => {
    await storeCoin(sql, 2);
    const site = await openSite({ sql });
    const refusals = [
      ["range=2w", "range must be one of 1d, 5d, 1m"],
      ["overlays=sma21", "overlays must be names of sma20, sma50"],
      ["panes=obv", "panes must be names of rsi, macd, atr, stochastic"],
      ["scale=cube", "scale must be one of linear, log, percent"],
      ["zone=CET", "zone must be one of exchange, local, utc"],
      ["compare=BTC/USD", "compare must be the slug of an instrument"],
      ["compare=NOPE", "compare must be the slug of another instrument"],
      ["compare=BTC-USD", "compare must be the slug of another instrument"],
    ] as const;
    for (const [query, message] of refusals) {
      const response = await site(`/instruments/BTC-USD?${query}`);
      assert.equal(response.status, 400, query);
      assert.ok((await response.text()).includes(message), query);
    }
  },
);

forEachDatabase("The page shows the view of its address without a script", async ({ sql }) => {
  await storeCoin(sql, 900);
  await storeInstrument(sql, AAPL);
  const site = await openSite({ sql });
  const path = "/instruments/BTC-USD?interval=1h&range=5d&overlays=sma20&panes=macd&scale=log";
  const html = await (await site(path)).text();
  const pressed = [...html.matchAll(/<button[^>]*aria-pressed="true"[^>]*>([^<]*)</g)]
    .map((match) => match[1]);
  assert.deepEqual(pressed, ["5D", "SMA 20", "MACD 12, 26, 9", "Log"]);
  assert.match(
    html,
    /href="\?interval=1day&amp;range=5d&amp;overlays=sma20&amp;panes=macd&amp;scale=log"/,
    "another interval keeps the rest",
  );
  const props = /component-name="\/islands\/PriceChart.tsx" data-serialized-props="([^"]*)"/
    .exec(html)![1]!.replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  const { setup, search, ranges } = JSON.parse(props);
  assert.equal(search, "?interval=1h&range=5d&overlays=sma20&panes=macd&scale=log");
  assert.deepEqual(ranges, ["1d", "5d", "1m", "all"]);
  assert.deepEqual(Object.keys(setup.first.indicators), [
    "sma_20",
    "macd",
    "macd_signal",
    "macd_histogram",
  ]);
  assert.deepEqual(setup.others, [{ slug: "AAPL", symbol: "AAPL" }]);
  assert.equal(setup.first.times.length, 600, "fewer candles the more columns");
});
