import assert from "node:assert/strict";
import fc from "fast-check";
import { createTwelveDataClient } from "../../etl/providers/twelve_data/client.ts";
import { kindOfType } from "../../etl/providers/twelve_data/kinds.ts";
import { parseRows } from "../../etl/providers/twelve_data/rows.ts";
import type { Provider } from "../../etl/provider.ts";
import {
  TerminalError,
  type TerminalReason,
  TransientError,
  type TransientReason,
} from "../../market/errors.ts";
import type { Interval } from "../../market/interval.ts";

const FOLDER = new URL("../fixtures/twelve_data/", import.meta.url);
/** 17 seconds into a minute: 43 s until the next one, and one more to be sure. */
const NOW = new Date("2026-11-22T12:00:17Z");
const TO_NEXT_MINUTE_MS = 44_000;

/** Answers one recorded file, and checks what the client makes of it. */
type Expectation = (answering: (status?: number) => Provider) => Promise<void>;

const EXPECTATIONS: Record<string, Expectation> = {
  "recorded__api_usage_basic.json": async (answering) =>
    assert.deepEqual(await answering().fetchCreditUsage(), {
      usedThisMinute: 2,
      perMinute: 8,
      usedToday: 10,
      perDay: 800,
    }),
  "recorded__api_usage_grow.http.json": async (answering) =>
    assert.deepEqual(await answering().fetchCreditUsage(), {
      usedThisMinute: 1,
      perMinute: 144,
      usedToday: null,
      perDay: null,
    }),

  "recorded__error_400_no_data.json": noData("AAPL", "1day"),
  "recorded__error_400_no_data_with_meta.json": noData("AAPL", "1day"),
  "recorded__error_404_data_not_found_with_meta.json": noData("SET100:SET", "1day"),
  "recorded__error_422_eod_invalid_date.json": noData("AAPL", "1day"),
  "recorded__error_400_invalid_interval_with_meta.json": terminal("bad_request", /Invalid .*xyz/),
  "docs__error_400_interval.json": terminal("bad_request", /Invalid .*0\.99min/),
  "recorded__error_401_bad_key.json": terminal("bad_key", /TWELVE_DATA_API_KEY.*simulator/),
  "recorded__error_demo_key.json": terminal("bad_key", /"demo".*TWELVE_DATA_API_KEY/),
  "recorded__error_403_endpoint_plan.json": terminal("endpoint_plan", /grow or pro.*another plan/),
  "recorded__error_403_endpoint_plan_2026-09.json": terminal("endpoint_plan", /or venture/),
  "recorded__error_404_symbol_plan.json": terminal("symbol_plan", /Grow or Venture.*SYMBOLS/),
  "recorded__error_404_invalid_symbol.json": terminal("unknown_symbol", /correct SYMBOLS/),
  "recorded__error_429_day.json": terminal("day_credits", /1316 API credits.*00:00 UTC/),
  "recorded__error_429_minute.http.json": transient("minute_credits", TO_NEXT_MINUTE_MS),
  "recorded__error_429_minute_basic.json": transient("minute_credits", TO_NEXT_MINUTE_MS),
  "recorded__error_429_minute_grow55.json": transient("minute_credits", TO_NEXT_MINUTE_MS),
  "docs__error_429.json": transient("minute_credits", TO_NEXT_MINUTE_MS),

  "recorded__quote_AAPL.json": quote("AAPL", "286.19000", "283.10001", "2025-12-02T14:30:00Z"),
  "recorded__quote_AAPL_2024-04-09_extended.json": quote(
    "AAPL",
    "169.67000",
    "168.45000",
    "2024-04-10T11:33:29Z",
  ),
  "recorded__quote_AAPL_market_open_2026-09-16_trimmed.json": quote(
    "AAPL",
    "332.695",
    "331.34000",
    "2026-09-16T15:57:00Z",
  ),
  "recorded__quote_BTCUSD.json": quote("BTC/USD", "93169.3", "91308.05", "2025-12-03T13:47:00Z"),
  "recorded__quote_EURUSD.json": quote("EUR/USD", "1.16696", "1.16239", "2025-12-03T13:44:37Z"),

  "docs__splits.json": async (answering) =>
    assert.deepEqual(await answering().fetchSplits("AAPL"), [
      { date: "2020-08-31", fromFactor: "4", toFactor: "1", description: "4-for-1 split" },
    ]),

  "recorded__symbol_search_Apple.json": async (answering) => {
    const matches = await answering().searchSymbols("Apple");
    assert.equal(matches.length, 30);
    assert.deepEqual(matches[0], {
      symbol: "AAPL",
      name: "Apple Inc.",
      exchange: "NASDAQ",
      micCode: "XNGS",
      exchangeTimezone: "America/New_York",
      kind: "stock",
      country: "United States",
      currency: "USD",
    });
    assert.ok(matches.every((match) => match.kind !== null));
  },
  "recorded__symbol_search_tech_outputsize5.json": async (answering) => {
    const matches = await answering().searchSymbols("tech");
    assert.deepEqual(matches.slice(0, 3).map((match) => match.kind), ["stock", "etf", "etf"]);
  },
  "recorded__symbol_search_no_match.json": async (answering) =>
    assert.deepEqual(await answering().searchSymbols("zzzz"), []),

  "recorded__time_series_AAPL_1day_asc.json": series("AAPL", "1day", "stock", 2, "2026-08-19"),
  "recorded__time_series_AAPL_5min.json": series(
    "AAPL",
    "5min",
    "stock",
    10,
    "2025-12-02 15:55:00",
  ),
  "recorded__time_series_BTCUSD_1day_binance_asc.json": series(
    "BTC/USD",
    "1day",
    "crypto",
    2,
    "2026-08-21",
  ),
  "recorded__time_series_EURUSD_1day_asc.json": series("EUR/USD", "1day", "forex", 2, "2026-08-21"),
  "recorded__time_series_GOOGL_1day.json": series("GOOGL", "1day", "stock", 10, "2025-12-02"),
  "recorded__time_series_MSFT_1h.json": series("MSFT", "1h", "stock", 10, "2025-12-02 15:30:00"),
  "recorded__time_series_TSLA_1day_2024-01-01_to_2024-01-31.json": series(
    "TSLA",
    "1day",
    "stock",
    10,
    "2024-01-30",
  ),
  "recorded__time_series_TSLA_1day_outputsize10.json": series(
    "TSLA",
    "1day",
    "stock",
    10,
    "2025-12-02",
  ),
  "recorded__time_series_multi_SPX_AAPL_1h.json": async (answering) => {
    const all = await answering().fetchTimeSeriesBatch(["SPX", "AAPL"], window("1h"));
    assert.deepEqual([...all.keys()], ["SPX", "AAPL"]);
    const [spx, aapl] = [...all.values()];
    assert.ok(spx && "rows" in spx && aapl && "rows" in aapl);
    assert.deepEqual([spx.meta?.kind, spx.rows.length, spx.rejects.length], ["index", 30, 0]);
    assert.deepEqual([aapl.meta?.kind, aapl.rows.length, aapl.rejects.length], ["stock", 30, 0]);
  },
  "composed__time_series_multi_partial_error.json": async (answering) => {
    const all = await answering().fetchTimeSeriesBatch(["NOPE", "AAPL", "MSFT"], window("1day"));
    const [nope, aapl, msft] = [...all.values()];
    assert.ok(aapl && "rows" in aapl && aapl.rows.length === 1);
    assert.ok(nope instanceof TerminalError && nope.reason === "unknown_symbol");
    assert.match(nope.message, /\/time_series of NOPE at 1day as Twelve Data says/);
    assert.ok(msft instanceof TerminalError && msft.reason === "malformed");
    assert.match(msft.message, /\/time_series of MSFT at 1day.*missing/);
  },
  // The wording and the code of 2023 for an unknown symbol, inside the answer of another endpoint.
  "recorded__price_multi_partial_error.json": async (answering) => {
    const all = await answering().fetchTimeSeriesBatch(["SPY", "NIKK"], window("1day"));
    const [spy, nikk] = [...all.values()];
    assert.ok(spy instanceof TerminalError && spy.reason === "malformed");
    assert.ok(nikk instanceof TerminalError && nikk.reason === "unknown_symbol");
  },

  "recorded__cryptocurrencies_items_trimmed.json": otherEndpoint("/cryptocurrencies"),
  "recorded__currency_conversion_EURUSD_100.json": otherEndpoint("/currency_conversion"),
  "recorded__eod_AAPL_date_2024-12-01_sunday.json": otherEndpoint("/eod"),
  "recorded__exchange_rate_EURUSD.json": otherEndpoint("/exchange_rate"),
  "recorded__exchanges_trimmed.json": otherEndpoint("/exchanges"),
  "recorded__forex_pairs_trimmed.json": otherEndpoint("/forex_pairs"),
  "recorded__market_state.json": otherEndpoint("/market_state"),
  "recorded__price_MSFT.json": otherEndpoint("/price"),
  "recorded__price_multi.json": otherEndpoint("/price"),
  "recorded__stocks_trimmed.json": otherEndpoint("/stocks"),
  "recorded__ws_heartbeat.json": otherEndpoint("WebSocket"),
  "recorded__ws_price_AAPL_2023-05-19.json": otherEndpoint("WebSocket"),
  "recorded__ws_price_AMZN_2022.json": otherEndpoint("WebSocket"),
  "recorded__ws_price_BTCUSD_2022.json": otherEndpoint("WebSocket"),
  "recorded__ws_session_2023-03-31.json": otherEndpoint("WebSocket"),
  "recorded__ws_subscribe_status_error_null_success.json": terminal(
    "bad_request",
    /subscribe-status/,
  ),
  "recorded__ws_subscribe_status_warning.json": otherEndpoint("WebSocket"),
};

const files = [...Deno.readDirSync(FOLDER)].map((entry) => entry.name)
  .filter((name) => name !== "README.md").sort();

Deno.test("every file of the fixtures has an expectation, and an origin in their README", () => {
  assert.deepEqual(files, Object.keys(EXPECTATIONS).sort());
  const readme = Deno.readTextFileSync(new URL("README.md", FOLDER));
  for (const file of files) assert.ok(readme.includes(`| ${file} |`), file);
});

for (const file of files) {
  Deno.test(`the client understands ${file}`, async () => {
    const wire: { status?: number; body?: unknown; code?: number } = JSON.parse(
      Deno.readTextFileSync(new URL(file, FOLDER)),
    );
    const isWrapped = file.endsWith(".http.json");
    const body = JSON.stringify(isWrapped ? wire.body : wire);
    const answering = (status = isWrapped ? wire.status : 200) =>
      createTwelveDataClient({
        baseUrl: "http://twelve-data.test",
        maxAttempts: 1,
        clock: { now: () => NOW, sleep: () => Promise.reject(new Error("no waiting")) },
        fetch: () => new Response(body, { status }),
      });
    await EXPECTATIONS[file]!(answering);
    // Recent answers repeat the code as the HTTP status, older ones say 200: both mean the same.
    if (!isWrapped && wire.code) await EXPECTATIONS[file]!(() => answering(wire.code));
  });
}

const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`));
const decimal = fc.tuple(fc.constantFrom("", "", "", "-"), digits(20), fc.option(digits(15)))
  .map(([sign, whole, fraction]) => sign + (fraction === null ? whole : `${whole}.${fraction}`));
const instant = fc.date({
  min: new Date("1970-01-01"),
  max: new Date("2100-01-01"),
  noInvalidDate: true,
});
const goodRow = fc.record({
  datetime: instant.map((date) => date.toISOString().slice(0, 19).replace("T", " ")),
  open: decimal,
  high: decimal,
  low: decimal,
  close: decimal,
  volume: decimal,
}, { noNullPrototype: true });

Deno.test("parseRows() passes a good row to the last digit and drops keys that it does not know", () => {
  fc.assert(fc.property(fc.array(goodRow), fc.string(), (rows, extra) => {
    const wire = rows.map((row) => ({ ...row, extra }));
    assert.deepEqual(parseRows(wire, "1h"), { rows, rejects: [] });
  }));
});

Deno.test("parseRows() sets apart exactly the malformed rows, naming field and value", () => {
  const field = fc.constantFrom("datetime", "open", "high", "low", "close");
  const junk = fc.constantFrom<unknown>(
    "",
    "n/a",
    "NaN",
    "1,5",
    "1.17E-5",
    "1e5",
    1.5,
    null,
    true,
    [],
    {},
  );
  fc.assert(
    fc.property(fc.array(goodRow), goodRow, field, junk, fc.nat(), (rows, row, name, value, at) => {
      const bad = { ...row, [name]: value };
      const index = at % (rows.length + 1);
      const { rows: passed, rejects } = parseRows(rows.toSpliced(index, 0, bad), "15min");
      assert.deepEqual(passed, rows);
      assert.equal(rejects.length, 1);
      assert.deepEqual(rejects[0]?.payload, bad);
      assert.ok(rejects[0]?.reason.startsWith(`${name} must be `), rejects[0]?.reason);
      assert.ok(rejects[0]?.reason.endsWith(`current value is ${JSON.stringify(value)}`));
    }),
  );
});

Deno.test("parseRows() never throws, whatever the values are", () => {
  fc.assert(fc.property(fc.array(fc.anything()), (values) => {
    const { rows, rejects } = parseRows(values, "1day");
    assert.equal(rows.length + rejects.length, values.length);
  }));
});

Deno.test("parseRows() takes the time of the interval's kind only, on a day that exists", () => {
  const passes = (datetime: string, interval: Interval) =>
    parseRows([{ datetime, open: "1", high: "1", low: "1", close: "1" }], interval).rows.length ===
      1;
  assert.ok(passes("2024-02-29", "1day"));
  assert.ok(passes("2024-02-29 23:59:00", "1min"));
  for (
    const date of ["2025-02-29", "2025-04-31", "2025-13-01", "2025-00-10", "2025-1-1", "25-01-01"]
  ) {
    assert.ok(!passes(date, "1week"), date);
    assert.ok(!passes(`${date} 10:00:00`, "1h"), date);
  }
  assert.ok(!passes("2025-01-02 00:00:00", "1day"));
  assert.ok(!passes("2025-01-02", "8h"));
  for (const time of ["24:00:00", "10:60:00", "10:00", "10:00:00Z", "10:00:00+02:00"]) {
    assert.ok(!passes(`2025-01-02 ${time}`, "1h"), time);
  }
});

Deno.test("parseRows() reads a missing, null or empty volume as not reported, and 0 as 0", () => {
  const row = { datetime: "2025-01-02", open: "1", high: "1", low: "1", close: "1" };
  const values = [row, { ...row, volume: null }, { ...row, volume: "" }, { ...row, volume: "0" }];
  const { rows } = parseRows(values, "1day");
  assert.deepEqual(rows.map(({ volume }) => volume), [null, null, null, "0"]);
});

Deno.test("kindOfType() knows the documented types, and never guesses what is not listed", () => {
  const kind = (type: string, symbol = "X", micCode: string | null = null) =>
    kindOfType({ type, symbol, micCode });
  assert.equal(kind("Common Stock"), "stock");
  assert.equal(kind("American Depositary Receipt"), "stock");
  assert.equal(kind("ETF"), "etf");
  assert.equal(kind("Index"), "index");
  assert.equal(kind("Physical Currency", "EUR/USD"), "forex");
  assert.equal(kind("Physical Currency", "XAU/USD"), "commodity");
  assert.equal(kind("Precious Metal", "XAU/USD"), "commodity");
  assert.equal(kind("Digital Currency", "BTC/USD"), "crypto");
  assert.equal(kind("Something New", "X", "XNGS"), "stock");
  assert.equal(kind("Something New"), null);
  assert.equal(kind("constructor"), null);
});

function window(interval: Interval) {
  return { interval, outputSize: 30 };
}

function series(
  symbol: string,
  interval: Interval,
  kind: string,
  count: number,
  first: string,
): Expectation {
  return async (answering) => {
    const { meta, rows, rejects } = await answering().fetchTimeSeries(symbol, window(interval));
    assert.deepEqual(rejects, []);
    assert.equal(meta?.kind, kind);
    assert.equal(rows.length, count);
    assert.equal(rows[0]?.datetime, first);
    const hasVolume = kind === "stock";
    assert.ok(rows.every(({ volume }) => (volume !== null) === hasVolume));
    assert.equal(meta?.micCode, hasVolume ? "XNGS" : null);
    assert.equal(meta?.currency, hasVolume ? "USD" : null);
    assert.equal(meta?.currencyQuote, hasVolume ? null : "US Dollar");
  };
}

function noData(symbol: string, interval: Interval): Expectation {
  return async (answering) => {
    const empty = { meta: null, rows: [], rejects: [] };
    assert.deepEqual(await answering().fetchTimeSeries(symbol, window(interval)), empty);
    const both = await answering().fetchTimeSeriesBatch([symbol, "MSFT"], window(interval));
    assert.deepEqual([...both], [[symbol, empty], ["MSFT", empty]]);
    await assert.rejects(answering().fetchQuote(symbol), TerminalError);
  };
}

function terminal(reason: TerminalReason, says: RegExp): Expectation {
  return (answering) =>
    assert.rejects(answering().fetchTimeSeries("AAPL", window("1day")), (error) => {
      assert.ok(error instanceof TerminalError, String(error));
      assert.equal(error.reason, reason);
      assert.match(
        error.message,
        /^Cannot fetch \/time_series of AAPL at 1day as Twelve Data says /,
      );
      assert.match(error.message, says);
      assert.ok(!error.message.includes("\n"), "one line");
      return true;
    });
}

function transient(reason: TransientReason, retryAfterMs: number): Expectation {
  return (answering) =>
    assert.rejects(answering().fetchTimeSeries("AAPL", window("1day")), (error) => {
      assert.ok(error instanceof TransientError, String(error));
      assert.equal(error.reason, reason);
      assert.equal(error.retryAfterMs, retryAfterMs);
      return true;
    });
}

function quote(symbol: string, close: string, before: string, quotedAt: string): Expectation {
  return async (answering) => {
    const quote = await answering().fetchQuote(symbol);
    assert.equal(quote.symbol, symbol);
    assert.equal(quote.close, close);
    assert.equal(quote.previousClose, before);
    assert.deepEqual(quote.quotedAt, new Date(quotedAt));
    await assert.rejects(answering().fetchQuote("MSFT"), TerminalError);
  };
}

/** An answer that the client never asks for must not pass for candles. */
function otherEndpoint(_endpoint: string): Expectation {
  return (answering) =>
    assert.rejects(answering().fetchTimeSeries("AAPL", window("1day")), (error) => {
      assert.ok(error instanceof TerminalError && error.reason === "malformed", String(error));
      return true;
    });
}
