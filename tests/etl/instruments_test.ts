import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { getInstrumentBySymbol, listWatchlist } from "../../db/instruments.ts";
import { describeAdded } from "../../etl/add_report.ts";
import { addInstruments, type AddResult, switchInstruments } from "../../etl/instruments.ts";
import type { SymbolMatch } from "../../etl/provider.ts";
import { createTwelveDataClient } from "../../etl/providers/twelve_data/client.ts";
import { createSimulator } from "../../simulator/simulator.ts";
import { onlyErrorLine, startEtl } from "../support/chandlery.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, candle, storeInstrument } from "../support/market.ts";
import { withTempDir } from "../support/temp.ts";
import { fakeClient, fixture } from "../support/twelve_data.ts";

const NOW = new Date("2026-11-20T18:20:00Z");

/** What an add needs, with the real client before the simulator. */
function simulated(sql: Sql) {
  const provider = createTwelveDataClient({
    baseUrl: "http://simulator.test",
    source: "simulator",
    fetch: createSimulator({ now: () => NOW }).fetch,
  });
  return { sql, source: "simulator" as const, provider, now: () => NOW };
}

/** The same with what the real provider was recorded to answer. */
function recorded(sql: Sql, ...answers: string[]) {
  return { ...simulated(sql), provider: fakeClient(answers).client };
}

async function addOne(
  deps: Parameters<typeof addInstruments>[0],
  symbol: string,
  mic?: string,
): Promise<AddResult> {
  const [result] = await addInstruments(deps, [symbol], { mic });
  return result!;
}

function instrumentOf(result: AddResult) {
  assert.ok("instrument" in result, JSON.stringify(result));
  return result.instrument;
}

forEachDatabase("add stores all that the search says of a stock and of pairs", async ({ sql }) => {
  const deps = simulated(sql);
  const results = await addInstruments(deps, ["aapl", "BTC/USD", "EUR/USD", "XAU/USD"]);
  assert.deepEqual(results.map(({ status }) => status), Array(4).fill("added"));
  const [stock, crypto, forex, metal] = results.map(instrumentOf);
  const { id: _, ...values } = stock!;
  assert.deepEqual(values, {
    source: "simulator",
    symbol: "AAPL",
    slug: "AAPL",
    name: "Apple Inc.",
    kind: "stock",
    exchange: "NASDAQ",
    micCode: "XNGS",
    currency: "USD",
    currencyBase: null,
    currencyQuote: null,
    exchangeTimezone: "America/New_York",
    pinnedMicCode: null,
    isActive: true,
  });
  const [row] = await sql`
    select session_closes::text from market.instruments where symbol = 'AAPL'`;
  assert.equal(row!.sessionCloses, "16:00:00");
  assert.deepEqual(
    [crypto!.kind, crypto!.slug, crypto!.currencyBase, crypto!.currencyQuote],
    ["crypto", "BTC-USD", "BTC", "USD"],
  );
  assert.deepEqual(
    [forex!.kind, forex!.exchange, forex!.currencyBase, forex!.currencyQuote],
    ["forex", null, "Euro", "US Dollar"],
  );
  assert.deepEqual([metal!.kind, metal!.currencyBase], ["commodity", "Gold Spot"]);
});

forEachDatabase(
  "An ambiguous ticker is not guessed: the choices are shown, and one is pinned",
  async (
    { sql },
  ) => {
    const deps = simulated(sql);
    const asked = await addOne(deps, "RY");
    assert.ok(asked.status === "ambiguous", JSON.stringify(asked));
    assert.match(
      asked.error,
      /^Cannot add RY as it is listed at 2 exchanges: choose one with --mic$/,
    );
    assert.deepEqual(asked.choices.map(({ micCode, command }) => [micCode, command]), [
      ["XNYS", "deno task etl add RY --mic XNYS"],
      ["XTSE", "deno task etl add RY --mic XTSE"],
    ]);
    assert.match(describeAdded(asked), /RY .*TSX .*XTSE .*CAD .*deno task etl add RY --mic XTSE/);
    assert.equal(await getInstrumentBySymbol(sql, "simulator", "RY"), null, "nothing is stored");

    const newYork = instrumentOf(await addOne(deps, "RY", "xnys"));
    assert.deepEqual([newYork.symbol, newYork.pinnedMicCode, newYork.currency], [
      "RY",
      "XNYS",
      "USD",
    ]);
    const toronto = instrumentOf(await addOne(deps, "RY", "XTSE"));
    assert.deepEqual(
      [toronto.symbol, toronto.slug, toronto.pinnedMicCode, toronto.currency],
      ["RY:TSX", "RY_3a_TSX", "XTSE", "CAD"],
      "the ticker means the other listing already",
    );
    for (
      const [symbol, mic, id] of [["RY", "XNYS", newYork.id], ["RY", "XTSE", toronto.id]] as const
    ) {
      const again = await addOne(deps, symbol, mic);
      assert.equal(again.status, "already_there");
      assert.equal(instrumentOf(again).id, id);
    }
    const [{ count }] = await sql<[{ count: number }]>`select count(*) from market.instruments`;
    assert.equal(count, 2);
  },
);

forEachDatabase("add RY:TSX means the listing that it names", async ({ sql }) => {
  const deps = simulated(sql);
  const added = instrumentOf(await addOne(deps, "RY:TSX"));
  assert.deepEqual([added.symbol, added.pinnedMicCode], ["RY:TSX", "XTSE"]);
  assert.equal(
    instrumentOf(await addOne(deps, "RY", "XTSE")).id,
    added.id,
    "the same, asked by MIC",
  );
});

forEachDatabase("The pinned listing is what a request with it answers", async ({ sql }) => {
  const deps = simulated(sql);
  for (const mic of ["XNYS", "XTSE"]) {
    const { symbol, pinnedMicCode } = instrumentOf(await addOne(deps, "RY", mic));
    const series = await deps.provider.fetchTimeSeries(
      symbol,
      { interval: "1day", outputSize: 1 },
      { micCode: pinnedMicCode! },
    );
    assert.equal(series.meta!.micCode, mic);
  }
});

forEachDatabase("A listing that does not exist shows those that do", async ({ sql }) => {
  const result = await addOne(simulated(sql), "AAPL", "XTSE");
  assert.ok(result.status === "ambiguous");
  assert.match(result.error, /none of its listings is at XTSE/);
  assert.deepEqual(result.choices.map(({ command }) => command), [
    "deno task etl add AAPL --mic XNGS",
  ]);
});

forEachDatabase(
  "An unknown symbol shows similar ones, and the others are added",
  async ({ sql }) => {
    const [unknown, added, wrong] = await addInstruments(simulated(sql), ["APPLE", "MSFT", "A,B"]);
    assert.ok(unknown?.status === "unknown");
    assert.match(unknown.error, /^Cannot add APPLE as the provider knows no such symbol/);
    assert.deepEqual(unknown.similar.map(({ symbol }) => symbol), ["AAPL"]);
    assert.match(describeAdded(unknown), /^Similar to APPLE:\n[^]*AAPL .*Apple Inc\./);
    assert.equal(added!.status, "added");
    assert.equal(wrong!.status, "failed");
  },
);

forEachDatabase("An instrument that is there costs no search, and becomes active again", async (
  { sql },
) => {
  const { id } = await storeInstrument(sql, AAPL);
  const searches: string[] = [];
  const deps = {
    ...simulated(sql),
    provider: {
      searchSymbols: (text: string): Promise<SymbolMatch[]> => {
        searches.push(text);
        return Promise.resolve([]);
      },
    },
  };
  assert.equal((await addOne(deps, "AAPL")).status, "already_there");
  await switchInstruments(deps, ["AAPL"], false);
  const again = await addOne(deps, "aapl");
  assert.equal(again.status, "reactivated");
  assert.deepEqual([instrumentOf(again).id, instrumentOf(again).isActive], [id, true]);
  assert.equal((await getInstrumentBySymbol(sql, "simulator", "AAPL"))!.isActive, true);
  assert.deepEqual(searches, []);
});

forEachDatabase("An instrument that was loaded without a pin gets one", async ({ sql }) => {
  const { id } = await storeInstrument(sql, { ...AAPL, name: null });
  const pinned = await addOne(simulated(sql), "AAPL", "XNGS");
  assert.deepEqual([pinned.status, instrumentOf(pinned).id], ["already_there", id]);
  assert.equal(instrumentOf(pinned).pinnedMicCode, "XNGS");
  await storeInstrument(sql, AAPL);
  const stored = await getInstrumentBySymbol(sql, "simulator", "AAPL");
  assert.equal(stored!.pinnedMicCode, "XNGS", "a load leaves it pinned");
});

forEachDatabase(
  "The recorded search of Apple lists AAPL at several exchanges, and one is pinned",
  async (
    { sql },
  ) => {
    const apple = fixture("recorded__symbol_search_Apple.json");
    const asked = await addOne(recorded(sql, apple), "AAPL");
    assert.ok(asked.status === "ambiguous");
    assert.ok(asked.choices.length > 3);
    assert.ok(asked.choices.every(({ symbol }) => symbol === "AAPL"), "0R2V and APC are others");
    const added = instrumentOf(await addOne(recorded(sql, apple), "AAPL", "XNGS"));
    assert.deepEqual([added.exchange, added.pinnedMicCode], ["NASDAQ", "XNGS"]);
  },
);

forEachDatabase(
  "A listing of no known type is refused, and a failing search fails its symbol",
  async (
    { sql },
  ) => {
    const match = { symbol: "ODD", instrument_name: "Odd", instrument_type: "Curiosity" };
    const odd = await addOne(recorded(sql, JSON.stringify({ data: [match] })), "ODD");
    assert.ok(odd.status === "failed");
    assert.match(odd.error, /^Cannot add ODD as its type must be a stock, ETF/);
    const garbled = await addOne(recorded(sql, JSON.stringify({ data: 1 })), "AAPL");
    assert.ok(garbled.status === "failed");
    assert.match(garbled.error, /not of the expected shape/);
    await assert.rejects(
      addOne(recorded(sql, fixture("recorded__error_401_bad_key.json")), "AAPL"),
      { name: "OperatorError", message: /Check TWELVE_DATA_API_KEY/ },
    );
  },
);

forEachDatabase("A deactivated instrument leaves the watchlist and keeps its data", async (
  { sql },
) => {
  const deps = simulated(sql);
  const { id } = await storeInstrument(sql, AAPL);
  await storeInstrument(sql);
  const { openedAt, close } = candle("2026-01-05T00:00:00Z", "100");
  await sql`
    insert into market.candles
    values (${id}, '1day', ${openedAt}, ${close}, ${close}, ${close}, ${close}, null, true, 1, ${NOW})`;
  const watched = async () =>
    (await listWatchlist(sql, "simulator", ["AAPL"])).map(({ symbol }) => symbol);
  assert.deepEqual(await watched(), ["AAPL", "BTC/USD"]);
  const off = await switchInstruments(deps, ["aapl"], false);
  assert.deepEqual([...off], [{ symbol: "AAPL", isActive: false, isChanged: true }]);
  assert.deepEqual(await watched(), ["BTC/USD"], "though SYMBOLS names it");
  const [{ count }] = await sql<[{ count: number }]>`select count(*) from market.candles`;
  assert.equal(count, 1);
  assert.equal((await switchInstruments(deps, ["AAPL"], false))[0]!.isChanged, false);
  await switchInstruments(deps, ["AAPL"], true);
  assert.deepEqual(await watched(), ["AAPL", "BTC/USD"]);
});

forEachDatabase("With an unknown symbol none is switched, and similar ones are named", async (
  { sql },
) => {
  const deps = simulated(sql);
  await storeInstrument(sql, AAPL);
  await storeInstrument(sql);
  await assert.rejects(switchInstruments(deps, ["BTC/USD", "APPLE"], false), {
    name: "OperatorError",
    message: "Cannot deactivate APPLE as it is not in the database: did you mean AAPL?",
  });
  await assert.rejects(switchInstruments(deps, ["APPLE"], true), {
    message: "Cannot activate APPLE as it is not in the database: check its spelling",
  });
  const active = await sql`select symbol from market.instruments where is_active`.values();
  assert.equal(active.length, 2);
});

Deno.test("deno task etl add, deactivate, activate and import-splits in a terminal", async () => {
  await withTempDir(async (dir) => {
    await Deno.writeTextFile(`${dir}/splits.csv`, "symbol,date,ratio\nRY,2011-01-03,2:1\n");
    const etl = (...args: string[]) => startEtl(dir, {}, args);
    await using ambiguous = etl("add", "RY");
    assert.match(await onlyErrorLine(ambiguous), /^error: Cannot add RY as it is listed at 2/);
    assert.match(ambiguous.output, /deno task etl add RY --mic XTSE/);
    assert.equal((await ambiguous.finish()).code, 1);
    for (
      const [args, code, says] of [
        [["add", "RY", "NONE", "--mic", "XTSE"], 2, /RY is added: .*TSX XTSE, pinned to XTSE/],
        [["deactivate", "RY"], 0, /RY is now inactive/],
        [["activate", "RY", "--json"], 0, /"isChanged": true/],
        [["import-splits", "splits.csv", "--dry-run"], 0, /Would be: 1 new, 0 changed/],
      ] as const
    ) {
      await using running = etl(...args);
      const ended = await running.finish();
      assert.equal(ended.code, code, ended.output);
      assert.match(ended.output, says);
    }
  });
});
