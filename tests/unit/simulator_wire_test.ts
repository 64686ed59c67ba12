import assert from "node:assert/strict";
import { createSimulator, type SimulatorOptions } from "../../simulator/simulator.ts";

const NOW = new Date("2026-11-20T17:47:23Z");

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What the tests look at in a body; each says by its assertions what is there. */
interface Body {
  [key: string]: Json;
  code: number;
  message: string;
  meta: Record<string, string>;
  values: Record<string, string>[];
}

async function ask(path: string, options: SimulatorOptions = {}, headers: HeadersInit = {}) {
  const simulator = createSimulator({ now: () => NOW, ...options });
  const response = await simulator.fetch(new Request(`http://simulator${path}`, { headers }));
  const text = await response.text();
  const isJson = response.headers.get("content-type")!.startsWith("application/json");
  return {
    response,
    status: response.status,
    text,
    body: (isJson ? JSON.parse(text) : {}) as Body,
  };
}

const recorded = async (name: string): Promise<Body> =>
  JSON.parse(
    await Deno.readTextFile(new URL(`../fixtures/twelve_data/${name}.json`, import.meta.url)),
  );

/** The keys and the types of the values, however deep; of an array its first element's. */
function shapeOf(value: Json): Json {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== "object") return typeof value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([key, v]) => [key, shapeOf(v)]),
  );
}

const timesOf = async (path: string, options?: SimulatorOptions) =>
  (await ask(path, options)).body.values.map(({ datetime }) => datetime!);

Deno.test("/time_series has the shape of the recorded answers, kind by kind", async () => {
  for (
    const [name, path] of [
      ["time_series_AAPL_1day_asc", "/time_series?symbol=AAPL&interval=1day&order=asc"],
      ["time_series_MSFT_1h", "/time_series?symbol=MSFT&interval=1h"],
      [
        "time_series_BTCUSD_1day_binance_asc",
        "/time_series?symbol=BTC/USD&interval=1day&order=ASC",
      ],
      ["time_series_EURUSD_1day_asc", "/time_series?symbol=EUR/USD&interval=1day&order=ASC"],
      ["time_series_multi_SPX_AAPL_1h", "/time_series?symbol=SPX,AAPL&interval=1h"],
    ] as const
  ) {
    const { body, status } = await ask(path);
    const example = await recorded(`recorded__${name}`);
    assert.equal(status, 200);
    assert.deepEqual(shapeOf(body), shapeOf(example), name);
    if (!name.includes("multi") && !name.includes("binance")) {
      assert.deepEqual(body.meta, example.meta);
    }
  }
});

Deno.test("/quote has the shape of the recorded answers, kind by kind", async () => {
  for (const [name, symbol] of [["AAPL", "AAPL"], ["BTCUSD", "BTC/USD"], ["EURUSD", "EUR/USD"]]) {
    const { body } = await ask(`/quote?symbol=${symbol}`);
    assert.deepEqual(shapeOf(body), shapeOf(await recorded(`recorded__quote_${name}`)), name);
  }
});

Deno.test("/quote tells the day that /time_series tells", async () => {
  const { body: quote } = await ask("/quote?symbol=AAPL");
  const { body: series } = await ask("/time_series?symbol=AAPL&interval=1day&outputsize=2");
  const [today, yesterday] = series.values as [Record<string, string>, Record<string, string>];
  assert.deepEqual(
    [quote.datetime, quote.open, quote.high, quote.low, quote.close, quote.volume],
    [today.datetime, today.open, today.high, today.low, today.close, today.volume],
  );
  assert.equal(quote.previous_close, yesterday.close);
  assert.equal(quote.is_market_open, true);
  assert.equal(quote.timestamp, Date.parse("2026-11-20T14:30:00Z") / 1000);
  assert.equal(quote.last_quote_at, Date.parse("2026-11-20T17:47:00Z") / 1000);
  assert.equal((await ask("/price?symbol=AAPL")).body.price, quote.close);
  const saturday = new Date("2026-11-21T12:00:00Z");
  assert.equal(
    (await ask("/quote?symbol=AAPL", { now: () => saturday })).body.is_market_open,
    false,
  );
});

Deno.test("/price, /symbol_search, /api_usage and /earliest_timestamp have the recorded shapes", async () => {
  for (
    const [name, path] of [
      ["recorded__price_MSFT", "/price?symbol=MSFT"],
      ["recorded__price_multi", "/price?symbol=AAPL,MSFT"],
      ["recorded__symbol_search_Apple", "/symbol_search?symbol=Apple"],
      ["recorded__symbol_search_no_match", "/symbol_search?symbol=zzzzzz"],
    ] as const
  ) assert.deepEqual(shapeOf((await ask(path)).body), shapeOf(await recorded(name)), name);
  const usage = await ask("/api_usage", { credits: { perMinute: 8, perDay: 800 } });
  assert.deepEqual(shapeOf(usage.body), shapeOf(await recorded("recorded__api_usage_basic")));
  assert.deepEqual([usage.body.current_usage, usage.body.plan_limit], [1, 8]);
  assert.deepEqual((await ask("/earliest_timestamp?symbol=AAPL&interval=1day")).body, {
    datetime: "2000-01-03",
    unix_time: Date.parse("2000-01-03T14:30:00Z") / 1000,
  });
});

Deno.test("every answer, an error too, says that it is simulated", async () => {
  for (const path of ["/time_series?symbol=AAPL&interval=1day", "/nope", "/price?symbol=NOPE"]) {
    const { response } = await ask(path, { seed: 42 });
    assert.equal(response.headers.get("Chandlery-Simulator"), "seed=42");
  }
});

Deno.test("outputsize keeps the newest, by default 30, in either order", async () => {
  const path = "/time_series?symbol=AAPL&interval=1h";
  const descending = await timesOf(path);
  assert.equal(descending.length, 30);
  assert.equal(descending[0], "2026-11-20 12:30:00");
  assert.deepEqual(await timesOf(`${path}&outputsize=30&order=asc`), descending.toReversed());
  assert.equal((await timesOf(`${path}&outputsize=5000`)).length, 5000);
});

Deno.test("US hours open at 09:30 New York and are told in the zone that is asked for", async () => {
  const path = "/time_series?symbol=AAPL&interval=1h&start_date=2026-11-19&end_date=2026-11-20";
  assert.deepEqual((await timesOf(path)).toReversed(), [
    "2026-11-19 09:30:00",
    "2026-11-19 10:30:00",
    "2026-11-19 11:30:00",
    "2026-11-19 12:30:00",
    "2026-11-19 13:30:00",
    "2026-11-19 14:30:00",
    "2026-11-19 15:30:00",
  ]);
  assert.equal((await timesOf(`${path}&timezone=UTC`))[0], "2026-11-19 20:30:00");
  assert.equal((await timesOf(`${path}&timezone=Asia/Kolkata`))[0], "2026-11-20 00:00:00");
});

Deno.test("a window's bounds are read in the zone that is asked for, both inclusive", async () => {
  const times = (query: string) => timesOf(`/time_series?interval=1h&order=asc&${query}`);
  assert.deepEqual(
    await times("symbol=BTC/USD&start_date=2026-11-19T22:00:00&end_date=2026-11-20 00:00:00"),
    ["2026-11-19 22:00:00", "2026-11-19 23:00:00", "2026-11-20 00:00:00"],
  );
  assert.deepEqual(
    await times(
      "symbol=AAPL&timezone=UTC&START_DATE=2026-11-19T19:30:00&End_Date=2026-11-19T20:30:00",
    ),
    ["2026-11-19 19:30:00", "2026-11-19 20:30:00"],
  );
});

Deno.test("forex times are Sydney's unless another zone is asked for", async () => {
  const path = "/time_series?symbol=EUR/USD&interval=1h&outputsize=1";
  assert.deepEqual(await timesOf(path), ["2026-11-21 04:00:00"]);
  assert.deepEqual(await timesOf(`${path}&timezone=UTC`), ["2026-11-20 17:00:00"]);
});

Deno.test("daily candles carry dates, ignore the zone, and leave a bare end date's stock candle out", async () => {
  const window = "&interval=1day&start_date=2024-01-01&end_date=2024-01-31&order=asc";
  const apple = await timesOf(`/time_series?symbol=AAPL&timezone=Asia/Tokyo${window}`);
  // As recorded for TSLA in the same window.
  assert.deepEqual([apple[0], apple.at(-1)], ["2024-01-02", "2024-01-30"]);
  const quirks = { dailyEndExclusive: false };
  const inclusive = await timesOf(`/time_series?symbol=AAPL${window}`, { quirks });
  assert.deepEqual([inclusive[0], inclusive.at(-1)], ["2024-01-02", "2024-01-31"]);
  const bitcoin = await timesOf(`/time_series?symbol=BTC/USD&outputsize=31${window}`);
  assert.deepEqual([bitcoin[0], bitcoin.at(-1)], ["2024-01-01", "2024-01-31"]);
});

Deno.test("errors are answered in the recorded words, with their code as HTTP status", async () => {
  for (
    const [name, path] of [
      ["error_400_invalid_interval_with_meta", "/time_series?symbol=AAPL&interval=xyz"],
      ["error_404_invalid_symbol", "/time_series?symbol=NOPE&interval=1day"],
      ["error_404_invalid_symbol", "/time_series?interval=1day"],
      ["error_404_invalid_symbol", "/time_series?symbol=AAPL&interval=1day&mic_code=XLON"],
      [
        "error_400_no_data",
        "/time_series?symbol=AAPL&interval=1h&start_date=2026-11-21&end_date=2026-11-22",
      ],
      [
        "error_400_no_data",
        "/time_series?symbol=AAPL&interval=1day&start_date=2030-01-01&end_date=2030-02-01",
      ],
    ] as const
  ) {
    const { body, status } = await ask(path);
    assert.deepEqual(body, await recorded(`recorded__${name}`), path);
    assert.equal(status, body.code);
  }
});

Deno.test("a symbol can fail alone, its key spelled as submitted", async () => {
  const { body, status } = await ask("/time_series?symbol=aapl,NOPE&interval=1day&outputsize=1");
  const example = await recorded("composed__time_series_multi_partial_error");
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body), ["aapl", "NOPE"]);
  assert.deepEqual(shapeOf(body.aapl!), shapeOf(example.AAPL!));
  assert.deepEqual(shapeOf(body.NOPE!), shapeOf(example.NOPE!));
  assert.equal((body.NOPE as Body).meta.symbol, "aapl,NOPE");
});

Deno.test("a wrong parameter is named with its value", async () => {
  for (
    const query of [
      "outputsize=0",
      "outputsize=5001",
      "outputsize=ten",
      "order=up",
      "format=XML",
      "timezone=america/new_york",
      "timezone=Nowhere",
      "start_date=2026-13-01",
      "end_date=yesterday",
      "dp=12",
    ]
  ) {
    const { body, status } = await ask(`/time_series?symbol=AAPL&interval=1day&${query}`);
    const [name, value] = query.split("=");
    assert.equal(status, 400, query);
    assert.ok(body.message.startsWith(`Invalid **${name}** provided: ${value}. `), body.message);
  }
  const many = Array.from({ length: 121 }, (_, i) => `S${i}`).join();
  assert.equal((await ask(`/time_series?symbol=${many}&interval=1day`)).status, 414);
});

Deno.test("quirk errorsAsHttp200: an error arrives with HTTP status 200", async () => {
  const options = { quirks: { errorsAsHttp200: true } };
  const { body, status } = await ask("/price?symbol=NOPE", options);
  assert.deepEqual([status, body.code, body.status], [200, 404, "error"]);
});

Deno.test("the key is taken from header or query; the WebSocket's header is none", async () => {
  const path = "/price?symbol=AAPL";
  const options = { apiKey: "k1" };
  const status = async (query: string, headers: HeadersInit = {}) =>
    (await ask(path + query, options, headers)).status;
  assert.equal(await status("&apikey=k1"), 200);
  assert.equal(await status("", { Authorization: "apikey k1" }), 200);
  for (
    const headers of [{}, { Authorization: "apikey k2" }, { "X-TD-APIKEY": "k1" }] as HeadersInit[]
  ) {
    const { response, body } = await ask(path, options, headers);
    assert.equal(response.status, 401);
    assert.deepEqual(body, await recorded("recorded__error_401_bad_key"));
  }
  assert.deepEqual(
    (await ask(`${path}&apikey=demo`, options)).body,
    await recorded("recorded__error_demo_key"),
  );
  assert.equal((await ask("/symbol_search?symbol=apple", options)).status, 200);
  assert.equal((await ask(path)).status, 200);
  assert.equal((await ask(path, {}, { "X-TD-APIKEY": "k1" })).status, 401);
});

Deno.test("CSV has the header and the values of the JSON", async () => {
  const path = "/time_series?symbol=AAPL&interval=1day&outputsize=2";
  const { text, response } = await ask(`${path}&format=CSV`);
  const { body } = await ask(path);
  assert.equal(
    text,
    [
      "datetime;open;high;low;close;volume",
      ...body.values.map((v) => Object.values(v).join(";")),
    ]
      .join("\n"),
  );
  assert.equal(response.headers.get("Chandlery-Simulator"), "seed=1");
});

Deno.test("dp sets the decimals, exactly", async () => {
  const path = "/time_series?symbol=AAPL&interval=1day&outputsize=20";
  const { body: plain } = await ask(path);
  const { body: rounded } = await ask(`${path}&dp=1`);
  for (const [i, value] of rounded.values.entries()) {
    assert.match(value.close!, /^\d+\.\d$/);
    assert.ok(Math.abs(Number(value.close) - Number(plain.values[i]!.close)) <= 0.05 + 1e-9);
  }
  assert.match((await ask(`${path}&dp=0`)).body.values[0]!.open!, /^\d+$/);
});

Deno.test("the autumn hour that comes twice is told twice", async () => {
  const times = await timesOf(
    "/time_series?symbol=BTC/USD&interval=1h&timezone=America/New_York&order=asc" +
      "&start_date=2026-11-01&end_date=2026-11-01T02:00:00",
  );
  assert.deepEqual(times.map((time) => time.slice(11, 13)), ["00", "01", "01", "02"]);
});

Deno.test("/splits has the shape of the docs, knows of none, and costs 20 credits", async () => {
  const { body, response } = await ask("/splits?symbol=AAPL", { credits: { perMinute: 55 } });
  const { meta } = body;
  assert.deepEqual(meta, {
    symbol: "AAPL",
    name: "Apple Inc.",
    currency: "USD",
    exchange: "NASDAQ",
    mic_code: "XNGS",
    exchange_timezone: "America/New_York",
  });
  assert.deepEqual(body.splits, []);
  assert.equal(response.headers.get("Api-Credits-Request"), "20");
  assert.equal((await ask("/splits?symbol=NOPE")).status, 404);
});

Deno.test("a ticker that two exchanges list means the one of the USA, or the one that is named", async () => {
  const { body: found } = await ask("/symbol_search?symbol=RY");
  const choices = (found.data as Record<string, string>[]).filter(({ symbol }) => symbol === "RY");
  assert.deepEqual(
    choices.map(({ mic_code, country, currency }) => [mic_code, country, currency]),
    [
      ["XNYS", "United States", "USD"],
      ["XTSE", "Canada", "CAD"],
    ],
  );
  const series = async (query: string) =>
    (await ask(`/time_series?interval=1h&timezone=UTC&outputsize=7&${query}`)).body;
  const bare = await series("symbol=RY");
  assert.deepEqual([bare.meta.mic_code, bare.meta.currency], ["XNYS", "USD"]);
  const toronto = await series("symbol=RY&mic_code=XTSE");
  assert.deepEqual(
    [toronto.meta.mic_code, toronto.meta.currency, toronto.meta.exchange_timezone],
    ["XTSE", "CAD", "America/Toronto"],
  );
  assert.notEqual(toronto.values[0]!.close, bare.values[0]!.close);
  assert.deepEqual(
    toronto.values.map(({ datetime }) => datetime),
    bare.values.map(({ datetime }) => datetime),
    "Toronto keeps New York's hours",
  );
  for (const query of ["symbol=RY:TSX", "symbol=RY:XTSE", "symbol=RY&exchange=tsx"]) {
    assert.deepEqual(await series(query), toronto, query);
  }
  const earliest = await ask("/earliest_timestamp?symbol=RY:TSX&interval=1day");
  assert.equal(earliest.body.datetime, "2000-01-03");
});

Deno.test("a symbol beyond the plan is refused in the recorded words, others are not", async () => {
  const options = { gatedSymbols: { META: "Grow or Venture" } };
  const { body, status } = await ask("/time_series?symbol=meta&interval=1h", options);
  assert.equal(status, 404);
  assert.deepEqual(body, await recorded("recorded__error_404_symbol_plan"));
  assert.equal((await ask("/splits?symbol=META", options)).status, 404);
  const { body: batch } = await ask("/time_series?symbol=AAPL,META&interval=1h", options);
  assert.equal((batch.AAPL as Body).status, "ok");
  assert.equal((batch.META as Body).code, 404);
});
