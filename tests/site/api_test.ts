import assert from "node:assert/strict";
import { loadCandles } from "../../db/candles.ts";
import type { Sql } from "../../db/connect.ts";
import { startRun } from "../../db/runs.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";
import { NOW, openSite } from "../support/site.ts";

async function storeCandles(sql: Sql): Promise<void> {
  const instrument = await storeInstrument(sql, AAPL);
  const runId = await startRun(sql, { source: "simulator", trigger: "manual", startedAt: NOW });
  // Few rows go the same way on both databases.
  await loadCandles({ sql, kind: "embedded" }, {
    instrumentId: instrument.id,
    interval: "1h",
    candles: [
      candle("2026-11-20T15:00:00Z", "229.98501", { volume: "1000" }),
      candle("2026-11-20T16:00:00Z", "0.10", { volume: null }),
      candle("2026-11-20T17:00:00Z", "12345678901234.000000000000001", { isFinal: false }),
    ],
    rejects: [],
    runId,
    loadedAt: NOW,
  });
}

forEachDatabase("/api/v1/candles answers exact decimals and UTC instants", async ({ sql }) => {
  await storeCandles(sql);
  const site = await openSite({ sql });
  const response = await site("/api/v1/candles?symbol=AAPL&interval=1h");
  assert.equal(response.status, 200);
  const body = await response.json();
  assert.equal(body.symbol, "AAPL");
  assert.equal(body.interval, "1h");
  assert.deepEqual(body.candles.map((row: { close: string }) => row.close), [
    "229.98501",
    "0.10",
    "12345678901234.000000000000001",
  ]);
  assert.deepEqual(body.candles[0], {
    openedAt: "2026-11-20T15:00:00.000Z",
    open: "229.98501",
    high: "229.98501",
    low: "229.98501",
    close: "229.98501",
    volume: "1000",
    isFinal: true,
    rolledUpFrom: null,
  });
  assert.equal(body.candles[1].volume, null);
  assert.equal(body.candles[2].isFinal, false);
});

forEachDatabase(
  "/api/v1/candles takes from inclusively, to exclusively, and the newest of a limit",
  async ({ sql }) => {
    await storeCandles(sql);
    const site = await openSite({ sql });
    const openedAt = async (query: string) => {
      const response = await site(`/api/v1/candles?symbol=AAPL&interval=1h&${query}`);
      assert.equal(response.status, 200, query);
      const { candles } = await response.json();
      return candles.map((row: { openedAt: string }) => row.openedAt.slice(11, 13));
    };
    assert.deepEqual(await openedAt("from=2026-11-20T15:00:00Z&to=2026-11-20T17:00:00Z"), [
      "15",
      "16",
    ]);
    assert.deepEqual(await openedAt("from=2026-11-20T11:00:00-05:00"), ["16", "17"]);
    assert.deepEqual(await openedAt("from=2026-11-20&to=2026-11-21&limit=1"), ["17"]);
    assert.deepEqual(await openedAt("to=2026-11-20"), []);
    const always = await openedAt("from=0001-01-01&to=9999-12-31T23:59:59Z");
    assert.deepEqual(always, ["15", "16", "17"]);
  },
);

forEachDatabase("/api/v1/instruments lists what is stored", async ({ sql }) => {
  await storeInstrument(sql, AAPL);
  const site = await openSite({ sql });
  const { instruments } = await (await site("/api/v1/instruments")).json();
  assert.equal(instruments.length, 1);
  assert.equal(instruments[0].symbol, "AAPL");
  assert.equal(instruments[0].exchangeTimezone, "America/New_York");
  assert.equal("id" in instruments[0], false);
});

const FIRST_IN_SAMOA = "0001-01-01T00:00:00+14:00";
const BEFORE_CHRIST = "0000-01-01T00:00:00+14:00";
const AFTER_9999 = "9999-12-31T23:59:59-14:00";

forEachDatabase("The API refuses in one JSON shape that names the field", async ({ sql }) => {
  await storeCandles(sql);
  const site = await openSite({ sql });
  const series = "/api/v1/candles?symbol=AAPL&interval=1h";
  const refusals = [
    ["/api/v1/candles", 400, "invalid_query", "symbol", undefined],
    ["/api/v1/candles?symbol=AAPL", 400, "invalid_query", "interval", undefined],
    ["/api/v1/candles?symbol=AAPL&interval=1hour", 400, "invalid_query", "interval", "1hour"],
    ["/api/v1/candles?symbol=%3Cb%3E&interval=1h", 400, "invalid_query", "symbol", "<b>"],
    [`${series}&limit=0`, 400, "invalid_query", "limit", "0"],
    [`${series}&limit=5001`, 400, "invalid_query", "limit", "5001"],
    [`${series}&limit=1e3`, 400, "invalid_query", "limit", "1e3"],
    [`${series}&from=yesterday`, 400, "invalid_query", "from", "yesterday"],
    [`${series}&from=2026-02-30`, 400, "invalid_query", "from", "2026-02-30"],
    [`${series}&from=0000-01-01`, 400, "invalid_query", "from", "0000-01-01"],
    [`${series}&from=0001-01-01T00:00:00%2B14:00`, 400, "invalid_query", "from", FIRST_IN_SAMOA],
    [`${series}&from=0000-01-01T00:00:00%2B14:00`, 400, "invalid_query", "from", BEFORE_CHRIST],
    [`${series}&to=9999-12-31T23:59:59-14:00`, 400, "invalid_query", "to", AFTER_9999],
    [`${series}&to=2026-11-20T15:00:00`, 400, "invalid_query", "to", "2026-11-20T15:00:00"],
    [`${series}&from=2026-11-20&to=2026-11-20`, 400, "invalid_query", "from", "2026-11-20"],
    [`${series}&form=2026-11-20`, 400, "invalid_query", "form", "2026-11-20"],
    [`${series}&symbol=META`, 400, "invalid_query", "symbol", "AAPL, META"],
    ["/api/v1/candles?symbol=NOPE&interval=1h", 404, "unknown_symbol", "symbol", "NOPE"],
    ["/api/v1/instruments?all=1", 400, "invalid_query", "all", "1"],
    ["/api/v2/candles", 404, "not_found", undefined, undefined],
    ["/api", 404, "not_found", undefined, undefined],
  ] as const;
  for (const [path, status, code, field, value] of refusals) {
    const response = await site(path);
    assert.equal(response.status, status, path);
    assert.match(response.headers.get("content-type")!, /^application\/json/);
    const body = await response.json();
    assert.deepEqual(Object.keys(body), ["error"], path);
    assert.equal(body.error.code, code, path);
    assert.equal(body.error.field, field, path);
    assert.equal(body.error.value, value, path);
    assert.match(body.error.message, /^Cannot .+ as .+: current value is .+$/, path);
  }
});

forEachDatabase("Only reading is allowed, and HEAD reads too", async ({ sql }) => {
  await storeCandles(sql);
  const site = await openSite({ sql });
  for (const method of ["POST", "PUT", "DELETE"]) {
    const response = await site("/api/v1/instruments", { method });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
    assert.equal((await response.json()).error.code, "method_not_allowed");
  }
  for (const path of ["/", "/healthz", "/pipeline", "/instruments/AAPL", "/api/v1/instruments"]) {
    const response = await site(path, { method: "HEAD" });
    assert.equal(response.status, 200, path);
    assert.equal(await response.text(), "", path);
  }
});
