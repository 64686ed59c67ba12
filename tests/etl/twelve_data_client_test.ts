import assert from "node:assert/strict";
import type { TimeSeriesRequest } from "../../etl/provider.ts";
import { TerminalError, TransientError } from "../../market/errors.ts";
import { AAPL_DAILY, DAILY, fakeClient, fixture, KEY, rejects } from "../support/twelve_data.ts";

Deno.test("the client sends the key in a header and never in the URL", async () => {
  const { client, requests } = fakeClient([AAPL_DAILY], { apiKey: KEY });
  await client.fetchTimeSeries("AAPL", DAILY);
  assert.equal(requests[0]?.headers.get("Authorization"), `apikey ${KEY}`);
  assert.ok(!requests[0]?.url.includes(KEY));
  const keyless = fakeClient([AAPL_DAILY]);
  await keyless.client.fetchTimeSeries("AAPL", DAILY);
  assert.equal(keyless.requests[0]?.headers.has("Authorization"), false);
});

Deno.test("the client asks for raw prices in UTC, with both ends of the window", async () => {
  const hourly = await queryOf("BTC/USD:Huobi", {
    interval: "1h",
    start: new Date("2026-11-20T09:30:00Z"),
    end: new Date("2026-11-21T09:30:00Z"),
    outputSize: 5000,
  });
  assert.deepEqual(hourly, {
    symbol: "BTC/USD:Huobi",
    interval: "1h",
    outputsize: "5000",
    timezone: "UTC",
    order: "asc",
    adjust: "none",
    start_date: "2026-11-20T09:30:00",
    end_date: "2026-11-21T09:30:00",
  });
  const newest = await queryOf("AAPL", { interval: "1h", outputSize: 2 });
  assert.equal(newest.outputsize, "2");
  assert.ok(!("start_date" in newest) && !("end_date" in newest));
});

Deno.test("the client asks for one more day of daily candles, as their end is exclusive", async () => {
  const request = { start: new Date("2024-01-01"), end: new Date("2024-01-31"), outputSize: 31 };
  const daily = await queryOf("TSLA", { interval: "1day", ...request });
  assert.equal(daily.start_date, "2024-01-01");
  assert.equal(daily.end_date, "2024-02-01");
  assert.equal(daily.outputsize, "32", "or the additional candle would push the oldest one out");
  const full = await queryOf("TSLA", { interval: "1week", ...request, outputSize: 5000 });
  assert.equal(full.outputsize, "5000");
});

Deno.test("the client takes a symbol that the provider spells without exchange or in other case", async () => {
  for (const symbol of ["aapl", "AAPL:NASDAQ"]) {
    const { client } = fakeClient([AAPL_DAILY]);
    assert.equal((await client.fetchTimeSeries(symbol, DAILY)).rows.length, 2);
  }
});

Deno.test("the client reads what the provider leaves empty as not said", async () => {
  const body = AAPL_DAILY.replace('"USD"', '""').replace('"XNGS"', "null").replace(
    '"NASDAQ"',
    '" "',
  );
  const { meta } = await fakeClient([body]).client.fetchTimeSeries("AAPL", DAILY);
  assert.deepEqual([meta?.currency, meta?.micCode, meta?.exchange], [null, null, null]);
});

Deno.test("the client refuses a symbol that would change the request, before it is sent", async () => {
  for (const symbol of ["AAPL,MSFT", "", "A B"]) {
    const { client, requests } = fakeClient([AAPL_DAILY]);
    await rejects(client.fetchTimeSeries(symbol, DAILY), "unknown_symbol", /must be a symbol/);
    await assert.rejects(client.fetchQuote(symbol), TerminalError);
    assert.equal(requests.length, 0);
  }
  const many = Array.from({ length: 121 }, (_, index) => `S${index}`);
  const { client, requests } = fakeClient([AAPL_DAILY]);
  await rejects(client.fetchTimeSeriesBatch(many, DAILY), "bad_request", /120 symbols: 121/);
  assert.equal(requests.length, 0);
});

Deno.test("a batch of one symbol reads the flat shape; its failure is its own", async () => {
  const one = await fakeClient([AAPL_DAILY]).client.fetchTimeSeriesBatch(["AAPL", "AAPL"], DAILY);
  const series = one.get("AAPL");
  assert.ok(one.size === 1 && series && "rows" in series && series.rows.length === 2);
  const unknown = fixture("recorded__error_404_invalid_symbol.json");
  const failed = await fakeClient([unknown]).client.fetchTimeSeriesBatch(["NOPE"], DAILY);
  assert.ok(failed.get("NOPE") instanceof TerminalError);
  const badKey = fakeClient([fixture("recorded__error_401_bad_key.json")]);
  await rejects(badKey.client.fetchTimeSeriesBatch(["AAPL"], DAILY), "bad_key", /AAPL/);
  const none = fakeClient([]);
  assert.equal((await none.client.fetchTimeSeriesBatch([], DAILY)).size, 0);
  assert.equal(none.requests.length, 0);
});

Deno.test("a batch keeps a symbol's failure that may pass apart from the symbols that came", async () => {
  const body = { ...JSON.parse(fixture("composed__time_series_multi_partial_error.json")) };
  body.NOPE = { status: "error", code: 500, message: "It went wrong." };
  const { client } = fakeClient([JSON.stringify(body)]);
  const all = await client.fetchTimeSeriesBatch(["AAPL", "NOPE", "constructor"], DAILY);
  assert.ok("rows" in all.get("AAPL")!);
  assert.ok(all.get("NOPE") instanceof TransientError);
  const inherited = all.get("constructor");
  assert.ok(inherited instanceof TerminalError);
  assert.match(inherited.message, /missing/);
});

Deno.test("the client pins the listing in the request, and refuses the data of another one", async () => {
  const pinned = fakeClient([AAPL_DAILY]);
  await pinned.client.fetchTimeSeries("AAPL", DAILY, { micCode: "XNGS" });
  assert.equal(new URL(pinned.requests[0]!.url).searchParams.get("mic_code"), "XNGS");
  const says = /it is of the exchange "XNGS", not "XMEX"/;
  const other = fakeClient([AAPL_DAILY, AAPL_DAILY]).client;
  await rejects(other.fetchTimeSeries("AAPL", DAILY, { micCode: "XMEX" }), "malformed", says);
  const batch = await other.fetchTimeSeriesBatch(["AAPL"], DAILY, { micCode: "XMEX" });
  assert.ok(batch.get("AAPL") instanceof TerminalError);
  const operating = fakeClient([AAPL_DAILY]).client;
  const series = await operating.fetchTimeSeries("AAPL", DAILY, { micCode: "XNAS" });
  assert.equal(series.rows.length, 2, "NASDAQ's own code covers its markets");
  const silent = fakeClient([AAPL_DAILY.replace('"XNGS"', "null")]).client;
  assert.equal((await silent.fetchTimeSeries("AAPL", DAILY, { micCode: "XNGS" })).rows.length, 2);
});

Deno.test("the client reads splits oldest first, their factors to the last digit", async () => {
  const answer = JSON.parse(fixture("docs__splits.json"));
  answer.splits.push({ ...answer.splits[0], date: "2005-02-28", from_factor: 1.015625 });
  const { client, requests } = fakeClient([JSON.stringify(answer)]);
  const splits = await client.fetchSplits("AAPL", { micCode: "XNGS" });
  assert.deepEqual(splits.map(({ date, fromFactor, toFactor }) => [date, fromFactor, toFactor]), [
    ["2005-02-28", "1.015625", "1"],
    ["2020-08-31", "4", "1"],
  ]);
  assert.equal(new URL(requests[0]!.url).searchParams.get("range"), "full");
  for (const factor of [0, -4, 1e21, "4:1", null]) {
    const wrong = { ...answer, splits: [{ ...answer.splits[0], from_factor: factor }] };
    const refused = fakeClient([JSON.stringify(wrong)]).client.fetchSplits("AAPL");
    await assert.rejects(refused, (error) => {
      assert.ok(error instanceof TerminalError && error.reason === "malformed", String(factor));
      return true;
    });
  }
});

Deno.test("a refusal by the plan names the plan that it needs, and the day's end says when it goes on", async () => {
  const refusal = async (file: string) => {
    const { client } = fakeClient([fixture(`recorded__error_${file}.json`)]);
    const error = await client.fetchTimeSeries("AAPL", DAILY).catch((error) => error);
    assert.ok(error instanceof TerminalError);
    return error;
  };
  assert.equal((await refusal("404_symbol_plan")).plan, "Grow or Venture");
  const endpoint = await refusal("403_endpoint_plan");
  assert.equal(endpoint.plan, "grow or pro or ultra or enterprise");
  assert.equal((await refusal("404_invalid_symbol")).plan, undefined);
  assert.deepEqual((await refusal("429_day")).resumesAt, new Date("2026-11-23T00:00:00Z"));
});

async function queryOf(symbol: string, request: TimeSeriesRequest) {
  const { client, requests } = fakeClient([fixture("recorded__error_400_no_data.json")]);
  await client.fetchTimeSeries(symbol, request);
  return Object.fromEntries(new URL(requests[0]!.url).searchParams);
}
