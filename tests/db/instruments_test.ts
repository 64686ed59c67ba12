import assert from "node:assert/strict";
import {
  getInstrumentBySlug,
  getInstrumentBySymbol,
  listInstruments,
  listWatchlist,
  nameInstrument,
  setActive,
} from "../../db/instruments.ts";
import { forEachDatabase } from "../support/databases.ts";
import { AAPL, storeInstrument } from "../support/market.ts";

forEachDatabase("An instrument is stored once and found by symbol and slug", async ({ sql }) => {
  const first = await storeInstrument(sql);
  const again = await storeInstrument(sql);
  assert.deepEqual(again, first);
  assert.deepEqual(await getInstrumentBySymbol(sql, "simulator", "BTC/USD"), first);
  assert.deepEqual(await getInstrumentBySlug(sql, "simulator", "BTC-USD"), first);
  assert.equal(await getInstrumentBySlug(sql, "twelve_data", "BTC-USD"), null, "another source");
  const real = await storeInstrument(sql, { source: "twelve_data" });
  assert.notEqual(real.id, first.id, "sources are never mixed");
});

forEachDatabase(
  "What the provider no longer says of an instrument stays as it was",
  async ({ sql }) => {
    const { id } = await storeInstrument(sql, { ...AAPL, name: null });
    await nameInstrument(sql, id, "Apple Inc.");
    const versions = async () =>
      await sql`select xmin::text from market.instruments where id = ${id}`.values();
    const before = await versions();
    const again = await storeInstrument(sql, { ...AAPL, name: null, currency: null });
    assert.deepEqual([again.name, again.currency], ["Apple Inc.", "USD"]);
    assert.deepEqual(await versions(), before, "nothing is written when nothing changed");
    const moved = await storeInstrument(sql, { ...AAPL, exchange: "NYSE" });
    assert.equal(moved.exchange, "NYSE");
  },
);

forEachDatabase("Active instruments are listed by symbol", async ({ sql }) => {
  await storeInstrument(sql);
  await storeInstrument(sql, { symbol: "GONE" });
  await storeInstrument(sql, AAPL);
  await setActive(sql, "simulator", ["GONE"], false);
  const symbols = (await listInstruments(sql, "simulator")).map(({ symbol }) => symbol);
  assert.deepEqual(symbols, ["AAPL", "BTC/USD"]);
});

forEachDatabase("The watchlist is SYMBOLS in their order, then what else is active", async (
  { sql },
) => {
  await storeInstrument(sql, { ...AAPL, pinnedMicCode: "XNGS" });
  await storeInstrument(sql, { symbol: "ZZZ" });
  await storeInstrument(sql, { symbol: "MSFT" });
  await storeInstrument(sql, { symbol: "GONE" });
  await storeInstrument(sql, { symbol: "REAL", source: "twelve_data" });
  await setActive(sql, "simulator", ["GONE"], false);
  const entries = await listWatchlist(sql, "simulator", ["ZZZ", "NEW", "GONE", "ZZZ"]);
  assert.deepEqual(
    entries.map(({ symbol, instrument, pinnedMicCode }) => [
      symbol,
      instrument?.symbol ?? null,
      pinnedMicCode,
    ]),
    [
      ["ZZZ", "ZZZ", null],
      ["NEW", null, null],
      ["AAPL", "AAPL", "XNGS"],
      ["MSFT", "MSFT", null],
    ],
  );
  assert.deepEqual(await listWatchlist(sql, "import", []), []);
});

forEachDatabase("setActive() says what it changed and leaves other sources alone", async (
  { sql },
) => {
  await storeInstrument(sql, AAPL);
  await storeInstrument(sql, { ...AAPL, source: "twelve_data" });
  const off = async () => [...await setActive(sql, "simulator", ["aapl", "NONE"], false)];
  assert.deepEqual(await off(), [{ symbol: "AAPL", isActive: false, isChanged: true }]);
  assert.deepEqual(await off(), [{ symbol: "AAPL", isActive: false, isChanged: false }]);
  const active = await sql`select source from market.instruments where is_active`.values();
  assert.deepEqual([...active].flat(), ["twelve_data"]);
});
