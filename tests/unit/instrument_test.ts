import assert from "node:assert/strict";
import fc from "fast-check";
import { slugOfSymbol, Symbol, symbolOfSlug } from "../../market/instrument.ts";

Deno.test("slugOfSymbol() makes a readable path segment", () => {
  assert.equal(slugOfSymbol("AAPL"), "AAPL");
  assert.equal(slugOfSymbol("BTC/USD"), "BTC-USD");
  assert.equal(slugOfSymbol("BRK.B"), "BRK.B");
  assert.equal(slugOfSymbol("RY:TSX"), "RY_3a_TSX");
});

Deno.test("symbolOfSlug() reverses slugOfSymbol() for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => symbolOfSlug(slugOfSymbol(text)) === text),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."_-/:.a1f%\u{1f600}") }),
      (text) => symbolOfSlug(slugOfSymbol(text)) === text,
    ),
  );
});

Deno.test("slugOfSymbol() needs no escaping in a URL", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      (text) => encodeURIComponent(slugOfSymbol(text)) === slugOfSymbol(text),
    ),
  );
});

Deno.test("a slug that is a path of its own is escaped", () => {
  const path = (symbol: string) =>
    new URL(`/instruments/${slugOfSymbol(symbol)}`, "http://x").pathname;
  for (const symbol of [".", ".."]) {
    assert.equal(symbolOfSlug(path(symbol).replace("/instruments/", "")), symbol);
  }
});

Deno.test("symbolOfSlug() answers any text, as a stranger may type it into a URL", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."_0f-A") }),
      (slug) => typeof symbolOfSlug(slug) === "string",
    ),
  );
  assert.equal(typeof symbolOfSlug("_ffffff_"), "string");
});

Deno.test("Symbol accepts what the provider uses and refuses lists and blanks", () => {
  for (const symbol of ["AAPL", "EUR/USD", "RY:TSX", "BTC/USD:Huobi", "BRK.B", "000001"]) {
    assert.equal(Symbol.parse(` ${symbol} `), symbol);
  }
  for (const text of ["", "AAPL,MSFT", "../etc", "A B", "<b>"]) {
    assert.equal(Symbol.safeParse(text).success, false, text);
  }
});
