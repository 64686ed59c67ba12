/** What a typed text means. */
import assert from "node:assert/strict";
import type { Sql } from "../../db/connect.ts";
import { findInstruments, searchInstruments } from "../../db/instrument_search.ts";
import { setActive } from "../../db/instruments.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, storeInstrument } from "../support/market.ts";

const STORED: Record<string, string | null> = {
  AAPL: "Apple Inc.",
  AAP: "Advance Auto Parts Inc",
  A: "Agilent Technologies",
  PLX: "Protalix, a Pineapple maker",
  GOOGL: "Alphabet Inc.",
  "BTC/USD": "Bitcoin / US Dollar",
  "EUR/USD": "Euro / US Dollar",
  "X%Y": null,
  "O'R": "O'Reilly",
  "BRK.A": null,
};

async function store(sql: Sql) {
  for (const [symbol, name] of Object.entries(STORED)) {
    await storeInstrument(sql, { ...AAPL, symbol, slug: symbol.replace("/", "-"), name });
  }
}

const search = async (sql: Sql, text: string, limit = 10) =>
  (await searchInstruments(sql, "simulator", text, limit)).map(({ symbol }) => symbol);

forEachDatabase("A search ranks the symbol, its begin, a word's begin, and the rest", async (
  { sql },
) => {
  await store(sql);
  assert.deepEqual(await search(sql, "aap"), ["AAP", "AAPL"]);
  assert.deepEqual(await search(sql, "APPLE"), ["AAPL", "PLX"], "a word before a part of one");
  assert.deepEqual(await search(sql, "a", 4), ["A", "AAP", "AAPL", "PLX"]);
  assert.deepEqual(await search(sql, "us dol"), ["BTC/USD", "EUR/USD"]);
  assert.deepEqual(await search(sql, "googl"), ["GOOGL"]);
  const exact = async (text: string) =>
    (await searchInstruments(sql, "simulator", text, 10)).filter(({ isExact }) => isExact)
      .map(({ symbol }) => symbol);
  for (const text of ["BTC/USD", "btc/usd", "BTC-USD", "btcusd"]) {
    assert.deepEqual(await exact(text), ["BTC/USD"], text);
  }
  assert.deepEqual(await exact("btc"), []);
});

forEachDatabase("A search is of the active instruments unless it asks for others", async (
  { sql },
) => {
  await store(sql);
  await setActive(sql, "simulator", ["AAPL", "PLX"], false);
  const found = async (isActive?: boolean | null) =>
    (await searchInstruments(sql, "simulator", "apple", 10, { isActive }))
      .map(({ symbol }) => symbol);
  assert.deepEqual(await found(), ["AAP"], "spelt alike, as no active one is called so");
  assert.deepEqual(await found(false), ["AAPL", "PLX"]);
  assert.deepEqual(await found(null), ["AAPL", "PLX"]);
});

forEachDatabase("A search that finds nothing finds what is spelt alike, or nothing", async (
  { sql },
) => {
  await store(sql);
  assert.deepEqual((await search(sql, "APPL"))[0], "AAPL", "which Apple begins with");
  assert.deepEqual(await search(sql, "Alfabet"), ["GOOGL"]);
  assert.deepEqual(await search(sql, "bitcion"), ["BTC/USD"]);
  assert.deepEqual(await search(sql, "zzzz"), []);
});

forEachDatabase(
  "A search knows no wildcard and no quote, and takes any length",
  async ({ sql }) => {
    await store(sql);
    assert.deepEqual(await search(sql, "%"), ["X%Y"]);
    assert.deepEqual(await search(sql, "_"), []);
    assert.deepEqual(await search(sql, "'"), ["O'R"]);
    assert.deepEqual(await search(sql, "o'rei"), ["O'R"]);
    assert.deepEqual(await search(sql, "brk.a"), ["BRK.A"]);
    assert.deepEqual(await search(sql, "\\"), []);
    assert.deepEqual(await search(sql, ".*"), []);
    assert.deepEqual(await search(sql, "x".repeat(10_000)), []);
    assert.deepEqual(await search(sql, "日本"), []);
  },
);

forEachDatabase("A search is of the active instruments of one source", async ({ sql }) => {
  await store(sql);
  await storeInstrument(sql, { ...AAPL, source: "twelve_data" });
  assert.deepEqual(await search(sql, "AAPL"), ["AAPL"]);
  await setActive(sql, "simulator", ["AAPL"], false);
  assert.ok(!(await search(sql, "AAPL")).includes("AAPL"));
});

forEachDatabase("Instruments are found by slug or symbol, in the order of the names", async (
  { sql },
) => {
  await store(sql);
  const names = ["eur/usd", "nope", "AAPL", "btc-usd", "aapl"];
  const found = await findInstruments(sql, "simulator", names);
  assert.deepEqual(found.map((each) => each?.symbol), [
    "EUR/USD",
    undefined,
    "AAPL",
    "BTC/USD",
    "AAPL",
  ]);
  assert.deepEqual(await findInstruments(sql, "simulator", []), []);
});
