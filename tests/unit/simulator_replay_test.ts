import assert from "node:assert/strict";
import { OperatorError } from "../../market/errors.ts";
import { makeReplayMarket, parseReplayFile } from "../../simulator/replay.ts";
import { createSimulator } from "../../simulator/simulator.ts";

const HEADER = "datetime,open,high,low,close,volume,symbol";
const STOCK = "2025-02-03 12:15:00,226.22,226.980,226.19,226.66,113069,AAPL";
const COIN = "2025-02-03 17:15:00,98640.63,99072.14,98478.17,98695.91,,BTC/USD";
const file = (...lines: string[]) => [HEADER, ...lines, ""].join("\n");

async function ask(path: string, now: string, text = file(STOCK, COIN)) {
  const market = makeReplayMarket(parseReplayFile("x_15min.csv", text));
  const simulator = createSimulator({ market, now: () => new Date(now) });
  const response = await simulator.fetch(new Request(`http://simulator${path}`));
  return { response, body: await response.json() };
}

Deno.test("parseReplayFile() reads stocks in New York time and the rest in UTC, digit for digit", () => {
  const [stock, coin] = parseReplayFile("data_15min_2025-02-03.csv", file(STOCK, COIN));
  assert.equal(stock!.bar.openedMs, Date.parse("2025-02-03T17:15:00Z"));
  assert.equal(coin!.bar.openedMs, stock!.bar.openedMs);
  assert.equal(stock!.bar.high, "226.980");
  assert.equal(stock!.bar.volume, "113069");
  assert.equal(coin!.bar.volume, null);
  assert.equal(coin!.interval, "15min");
});

Deno.test("parseReplayFile() takes the interval from the file's name", () => {
  const day = "2015-02-17,1,2,1,2,3,AAPL";
  assert.equal(parseReplayFile("aapl_1day_2015-2017.csv", file(day))[0]!.interval, "1day");
  assert.equal(parseReplayFile("aapl_1day.csv", file(day).replaceAll("\n", "\r\n")).length, 1);
  assert.equal(parseReplayFile("a_5min.csv", file(STOCK))[0]!.interval, "5min");
  assert.throws(() => parseReplayFile("aapl_2min.csv", file(STOCK)), OperatorError);
});

Deno.test("parseReplayFile() names the file, the line and the value that is wrong", () => {
  for (
    const [line, problem] of [
      ["2025-02-03 12:15:00,x,1,1,1,1,AAPL", 'open must be a decimal number: "x"'],
      ["2025-02-03 12:15:00,1,1,1,,1,AAPL", 'close must be a decimal number: ""'],
      ["2025-02-30 12:15:00,1,1,1,1,1,AAPL", 'a 15min candle: "2025-02-30 12:15:00"'],
      ["2025-02-03,1,1,1,1,1,AAPL", 'a 15min candle: "2025-02-03"'],
      ["2025-02-03 12:15:00,1,1,1,1,1,A PL", 'symbol must be as AAPL or BTC/USD: "A PL"'],
      [
        "2025-02-03 12:15:00,1,1,1,1,many,AAPL",
        'volume must be a decimal number or nothing: "many"',
      ],
      ["2025-02-03 12:15:00,1", 'there must be 7 values: "2025-02-03 12:15:00,1"'],
    ] as const
  ) {
    assert.throws(() => parseReplayFile("a_15min.csv", file(STOCK, line)), (error: Error) => {
      assert.ok(error instanceof OperatorError);
      assert.ok(error.message.startsWith("Cannot replay a_15min.csv: line 3: "), error.message);
      assert.ok(error.message.endsWith(problem), error.message);
      return true;
    });
  }
  assert.throws(
    () => parseReplayFile("a_15min.csv", "time,open\n"),
    /line 1: the header must be datetime,open,high,low,close,volume,symbol: "time,open"/,
  );
});

Deno.test("in a replay only what was recorded exists", async () => {
  const now = "2026-11-22T12:00:00Z";
  const missing = [
    "/time_series?symbol=MSFT&interval=15min",
    "/time_series?symbol=AAPL&interval=1day",
  ];
  for (const path of missing) assert.equal((await ask(path, now)).body.code, 404, path);
  const { response, body } = await ask("/symbol_search?symbol=aap", now);
  assert.deepEqual(body.data.map(({ symbol }: { symbol: string }) => symbol), ["AAPL"]);
  assert.equal(response.headers.get("Chandlery-Simulator"), "replay");
});

Deno.test("a replayed candle is not shown before it opens, and for ever after", async () => {
  const path = "/time_series?symbol=AAPL&interval=15min&timezone=UTC";
  assert.equal((await ask(path, "2025-02-03T17:14:59Z")).body.code, 400);
  for (const now of ["2025-02-03T17:15:00Z", "2040-01-01T00:00:00Z"]) {
    assert.equal((await ask(path, now)).body.values[0].datetime, "2025-02-03 17:15:00");
  }
});

Deno.test("a quote of a replay is made of its own candles", async () => {
  const { body } = await ask("/quote?symbol=AAPL", "2025-02-04T00:00:00Z");
  assert.deepEqual([body.datetime, body.close, body.volume], ["2025-02-03", "226.66", "113069"]);
});
